"""TensorFlow.js models, and archives of them, that somebody made to break a reader."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping

from tests.support.corpus.records import text


def archive(
    members: Mapping[str, bytes], link: str = "", name_bytes: tuple[bytes, bytes] = (b"", b"")
) -> bytes:
    """A zip archive; one member may be a link, and bytes of names be replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            made.writestr(info, data)
    return buffer.getvalue().replace(*name_bytes) if name_bytes[0] else buffer.getvalue()


def topology(nodes: object = (), weights: object = (), paths: object = ("a.bin",)) -> bytes:
    """The model.json of a TensorFlow.js model."""
    manifest = [{"paths": paths, "weights": weights}]
    return text(
        {"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": manifest}
    )


def _weight(shape: object, dtype: str = "float32", **more: object) -> dict[str, object]:
    return {"name": "w", "shape": shape, "dtype": dtype, **more}


_CONST = [{"name": "w", "op": "Const", "attr": {"dtype": {"type": "DT_FLOAT"}}}]
TOPOLOGIES: dict[str, Callable[[], bytes]] = {
    "nested 10 000 deep": lambda: b'{"modelTopology": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "nested 800 deep": lambda: b'{"modelTopology": ' + b'{"node":' * 800 + b"1" + b"}" * 801,
    "millions of empty nodes": lambda: (
        b'{"modelTopology": {"node": [' + b"{}," * 2_000_000 + b"{}]}}"
    ),
    "a weight that claims 2 GB": lambda: topology(_CONST, [_weight([1 << 29])]),
    "a weight of a million axes": lambda: topology(_CONST, [_weight([9] * 1_000_000)]),
    "a weight of endless axes": lambda: topology(_CONST, [_weight([10**4000] * 30)]),
    "a weight of no type": lambda: topology(_CONST, [_weight([1], "float8")]),
    "a shape of text": lambda: topology(
        _CONST, [_weight("ab"), _weight(None), _weight([True, -1])]
    ),
    "texts without end": lambda: topology(_CONST, [_weight([1 << 30], "string")]),
    "a scale that is none": lambda: topology(
        _CONST, [_weight([64], quantization={"dtype": "uint8", "scale": "1", "min": float("nan")})]
    ),
    "an absolute name": lambda: topology(_CONST, [_weight([16])], ["/etc/passwd"]),
    "a name that leads out": lambda: topology(_CONST, [_weight([16])], ["../../etc/passwd"]),
    "a name that is a number": lambda: topology(_CONST, [_weight([16])], [1, None]),
    "half a character": lambda: topology(_CONST, [_weight([16])], ["\ud800"]),
    "a file that is missing": lambda: topology(_CONST, [_weight([16])], ["b.bin"]),
    "a file that is named a thousand times": lambda: topology(
        _CONST, [_weight([16000])], ["a.bin"] * 1000
    ),
    "numbers that are none": lambda: topology(
        [
            {
                "name": "x",
                "op": "Const",
                "attr": {"value": {"tensor": {"floatVal": [float("nan")], "dtype": float("inf")}}},
            }
        ]
    ),
    "an operation of a wrong type": lambda: topology([{"name": 1, "op": []}]),
    "base 64 that is none": lambda: topology(
        [
            {
                "name": "x",
                "op": "Const",
                "attr": {"value": {"tensor": {"tensorContent": "!!!", "dtype": "DT_FLOAT"}}},
            }
        ]
    ),
    "no topology": lambda: b'{"format": "graph-model"}',
    "another format": lambda: b'{"format": [[]], "modelTopology": {}}',
}
"""The files model.json by what is wrong with them; beside them lies a.bin, 64 bytes."""

_GOOD = {"model.json": topology(_CONST, [_weight([16])]), "a.bin": bytes(64)}
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: archive({**_GOOD, "b.bin": bytes(200_000_000)}),
    "a smaller bomb, named often": lambda: archive(
        {
            "model.json": topology(
                _CONST,
                [_weight([4_000_000], quantization={"dtype": "uint8", "scale": 1, "min": 0})],
            ),
            "a.bin": bytes(4_000_000),
        }
    ),
    "a name that leads out": lambda: archive({**_GOOD, "../b.bin": b""}),
    "an absolute name": lambda: archive({**_GOOD, "/b.bin": b""}),
    "a link": lambda: archive({**_GOOD, "a.bin": b"/etc/passwd"}, link="a.bin"),
    "a name that is no text": lambda: archive(
        {**_GOOD, "\u00e9\u00e9.bin": b""},
        name_bytes=("\u00e9\u00e9".encode(), b"\xff\xff\xff\xff"),
    ),
    "tens of thousands of members": lambda: archive({f"{i}": b"" for i in range(20_000)}),
    "another way to compress": lambda: archive(_GOOD).replace(b"\x08\x00", b"\x0e\x00"),
    "a size that is not true": lambda: archive(_GOOD).replace(
        (64).to_bytes(4, "little"), (1 << 20).to_bytes(4, "little")
    ),
    "nothing but its end": lambda: b"PK\x03\x04" + b"PK\x05\x06" + bytes(18),
    "no model": lambda: archive({"readme": b""}),
}
"""Zip archives by what is wrong with them."""
