"""Records that somebody made to break a reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def text(document: object) -> bytes:
    return json.dumps(document).encode()


RECORD: dict[str, Any] = {
    "name": "n",
    "description": "d",
    "framework": "tensorflow",
    "classes": ["a", "b"],
    "schema": {
        "inputs": [{"name": "x", "type": "float", "shape": [187, 96]}],
        "outputs": [
            {"name": "y", "shape": [1, 2], "op": "Sigmoid", "output_purpose": "predictions"}
        ],
    },
    "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredictMusiCNN"},
    "zoo": {"id": "record", "kind": "end-to-end"},
}


def _record(**changes: object) -> bytes:
    return text(RECORD | changes)


RECORDS: dict[str, Callable[[], bytes]] = {
    "nested 10 000 deep": lambda: b"[" * 10_000 + b"]" * 10_000,
    "nested 900 deep": lambda: _record(foo=None)[:-5] + b'{"a":' * 900 + b"1" + b"}" * 901,
    "classes nested 900 deep": lambda: b'{"classes": ' + b"[" * 900 + b"]" * 900 + b"}",
    "numbers that are none": lambda: _record(
        classes=[float("nan")], inference={"sample_rate": float("inf")}
    ),
    "an endless integer": lambda: b'{"version": ' + b"9" * 100_000 + b"}",
    "integers of 4000 digits": lambda: _record(
        inference={"sample_rate": 10**4000}, dataset={"size": 10**4000, "metrics": {"a": 10**4000}}
    ),
    "a shape larger than any": lambda: _record(
        schema={
            "inputs": [{"name": "x", "type": "float", "shape": [2**62, 2**62]}],
            "outputs": [{"name": "y", "shape": [1e300, 1e18], "op": "Sigmoid"}],
        }
    ),
    "a name that makes patterns slow": lambda: _record(
        zoo={"id": "a" * 60 + "!"}, inference={"embedding_model": {"model_name": "a" * 60 + "!"}}
    ),
    "a name of a hundred thousand letters": lambda: _record(
        zoo={"id": "ab-" * 30_000}, inference={"embedding_model": {"model_name": "ab-" * 30_000}}
    ),
    "classes of all types": lambda: _record(classes=["a", *([1, "a", None, []] * 10_000)]),
    "classes by the ten thousand": lambda: _record(classes=[f"c{i}" for i in range(20_000)]),
    "numbers for classes": lambda: _record(classes=[0] * 100_000, model_types=[0] * 10),
    "a hundred thousand keys": lambda: _record(
        dataset={"metrics": {f"m{i}": 0 for i in range(15_000)}}
    ),
    "larger than any record": lambda: _record(description="x" * 3_000_000),
    "half a character": lambda: (
        b'{"name": "\\ud800", "classes": ["\\ud800", "\\ud800"], "link": "\\udfff"}'
    ),
    "no object": lambda: b"[]",
    "no text": lambda: b"\xff\xfe\x00",
    "types that are wrong": lambda: text(dict.fromkeys(RECORD, 0)),
    "null everywhere": lambda: text(dict.fromkeys(RECORD)),
}
"""Records by what is wrong with them."""
