"""Small histories of Gaia: three descriptors, one of them a text, and a classifier of them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from freeze.formats.gaia import history
from freeze.formats.gaia.history import Transformation
from freeze.formats.gaia.layout import Descriptor, Layout

MEAN, VAR, KEY, CLASS = ".low.mean", ".low.var", ".tonal.key", ".highlevel.mood"
KEYS = ("C", "A#", "F")

POOL = {"low.mean": [0.5, 0.25, -1.0], "low.var": 2.0, "tonal.key": "A#"}
"""A point that it takes."""

GIVEN = Layout(
    {
        MEAN: Descriptor("real"),
        VAR: Descriptor("real"),
        KEY: Descriptor("string"),
        ".metadata.title": Descriptor("string"),
    }
)
SIZES = {MEAN: Descriptor("real", 3), VAR: Descriptor("real", 1)}
FIXED = Layout({**SIZES, KEY: Descriptor("string", 1)})
NUMBERED = Layout({**SIZES, KEY: Descriptor("enum", 1)}, {KEY: KEYS})
COEFFICIENTS = {
    MEAN: {"a": [0.5, 1.5, -1.0], "b": [0.25, 0.0, 0.125]},
    VAR: {"a": [0.1], "b": [0.2]},
}

MODEL = """svm_type c_svc
kernel_type rbf
gamma 0.25
nr_class 3
total_sv 4
rho 0.125 -0.25 0.5
label 2 0 1
probA -1.5 -2 -1.25
probB 0.25 -0.125 0
nr_sv 2 1 1
SV
0.5 1 1:0.25 2:-1 3:0.5 4:0.5 5:1
-0.25 0.75 1:1 3:-0.5
-0.5 0.5 2:1 4:0.25 5:2
-1 -0.75 1:-1 2:0.5 4:1
"""
"""A support vector machine of five numbers and three classes, as libsvm writes it."""


def step(applier: str, layout: Layout, analyzer: str = "", **params: Any) -> Transformation:
    """A step of a history."""
    return Transformation(applier, params, layout, analyzer)


def classifier(layout: Layout, model: str = MODEL, probability: bool = True) -> Transformation:
    """The step that classifies."""
    return step(
        "svmpredict",
        Layout({**layout.descriptors, CLASS: Descriptor("string")}, layout.tables),
        "svmtrain",
        modelData=model.encode() + b"\0",
        descriptorNames=(MEAN, VAR, KEY),
        className=CLASS[1:],
        classMapping=("happy", "sad", "calm"),
        probability=probability,
    )


def chain(last: Transformation | None = None) -> Sequence[Transformation]:
    """A history such as Gaia trains, of as many steps as it has kinds of them."""
    return (
        step("removedesc", GIVEN, "remove", descriptorNames=(".metadata.title",)),
        step(
            "fixlengthapplier",
            Layout({name: GIVEN.descriptors[name] for name in (MEAN, VAR, KEY)}),
            "fixlength",
            descriptorNames=(MEAN, VAR, KEY),
        ),
        step("enumerateapplier", FIXED, "enumerate", descriptorNames=KEY),
        step("dotproduct", NUMBERED, "normalize", coeffs=COEFFICIENTS, applyClipping=False),
        step("addfieldapplier", NUMBERED, "addfield", string=CLASS[1:]),
        last or classifier(NUMBERED),
    )


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """Write a tar file, compressed as its name says."""
    with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def _machine(text: str) -> bytes:
    return history.serialize(chain(classifier(NUMBERED, text)))


def _many_vectors() -> bytes:
    count = 300_000
    head = MODEL.partition("SV\n")[0].replace("total_sv 4", f"total_sv {count}")
    vectors = "0.5 1 1:1 2:1 3:1\n" * count
    return _machine(f"{head.replace('nr_sv 2', f'nr_sv {count - 2}')}SV\n{vectors}")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "as many values as there may be": lambda: history.serialize(
        [step("unknown", GIVEN, values=[""] * 490_000)]
    ),
    "lists nested 10 000 deep": lambda: (
        history.serialize([step("unknown", GIVEN)])[:-40]
        + (b"\0\0\0\x09\0" + b"\0\0\0\x01") * 10_000
    ),
    "300 000 support vectors": _many_vectors,
    "a support vector as wide as memory": lambda: _machine(
        MODEL.replace("1:0.25", "2000000000:0.25")
    ),
    "a descriptor as long as memory": lambda: history.serialize(
        [
            step("addfieldapplier", GIVEN, real="x", size={"x": 2**31 - 1}),
            classifier(NUMBERED),
        ]
    ),
}
"""Files by what is wrong with them."""
