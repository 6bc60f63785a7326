"""A Gaia history: the transformations of a data set, which are made of each new point again.

It is a stream of version 102, which Gaia writes since 2.3; what is read is written back byte
for byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, WrongKindError
from catalog.storage import reading
from freeze.formats.gaia import layout
from freeze.formats.gaia.layout import Layout
from freeze.formats.gaia.stream import Reader, Writer

MAGIC = 0x6AEA723D
VERSION = 102

LARGEST = 64 << 20
"""Bytes; the largest known one has 2.5 million."""


@dataclass(frozen=True)
class Transformation:
    """One step.

    Attributes
    ----------
    applier : str
        What is done, in lower case: ``removedesc``, ``dotproduct``, ``svmpredict``, …
    params : mapping of str to value
        What with; see `stream` for the types of values.
    layout : Layout
        Of the points that it takes.
    analyzer : str or None
        What found the parameters: ``remove``, ``normalize``, ``svmtrain``, …
    analyzer_params, info : mapping of str to value
        What it was told to find, and what else it found.
    name : str or None
    """

    applier: str
    params: Mapping[str, Any]
    layout: Layout
    analyzer: str | None = None
    analyzer_params: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    name: str | None = ""


def read(path: Path) -> tuple[Transformation, ...]:
    """Read a history.

    Raises
    ------
    NotFoundError
    IntegrityError
        See `parse`.
    """
    with reading(path), path.open("rb") as file:
        return parse(file.read(LARGEST + 1), str(path))


def parse(data: bytes, name: str) -> tuple[Transformation, ...]:
    """Read a history from bytes, to the last one.

    Parameters
    ----------
    data : bytes
    name : str
        For messages.

    Raises
    ------
    WrongKindError
        It is not a history, or one of a Gaia before 2.3.
    IntegrityError
        It is damaged, or too large.
    """
    if len(data) > LARGEST:
        raise IntegrityError(f"{name} is too large for a history of Gaia.")
    if data[:4] != MAGIC.to_bytes(4, "big"):
        raise WrongKindError(f"{name} is not a history of Gaia.")
    reader = Reader(data)
    try:
        reader.number("I")
        version = reader.number("i")
        if version in (100, 101):
            raise WrongKindError(
                f"{name} was made by a Gaia before 2.3.",
                why=f"It has the format {version}, which later ones do not read either.",
            )
        if version != VERSION:
            raise reader.refuse(f"it claims to have the format {version}")
        found = tuple(_transformation(reader) for _ in range(reader.count(12)))
        reader.end()
    except ValueError as error:
        raise IntegrityError(
            f"{name} is damaged.",
            why=f"{error} {_line_ends(data)}".strip(),
            hint="Where it was transferred or committed as text, fetch it again as binary.",
        ) from None
    return found


def _line_ends(data: bytes) -> str:
    ends = data.count(b"\n")
    changed = ends and data.count(b"\r\n") == ends
    return "All its line ends are those of Windows, as if it had been text." if changed else ""


def _transformation(reader: Reader) -> Transformation:
    name, analyzer, applier = reader.text(), reader.text(), reader.words()
    analyzer_params, params, info = (_mapping(reader, reader.variant()) for _ in range(3))
    return Transformation(
        applier, params, _layout(reader, reader.variant()), analyzer, analyzer_params, info, name
    )


def _mapping(reader: Reader, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise reader.refuse("the parameters of a step are not a map")
    return value


def _layout(reader: Reader, value: Any) -> Layout:
    if not isinstance(value, bytes):
        raise reader.refuse("the layout of a step is missing")
    return layout.read(reader.within(value))


def classifier(steps: Sequence[Transformation]) -> Transformation | None:
    """The last step that classifies, if there is one."""
    found = [step for step in steps if step.applier.lower() == "svmpredict"]
    return found[-1] if found else None


def nested(steps: Any) -> tuple[Transformation, ...]:
    """Read the history that a step holds among its parameters.

    Raises
    ------
    ValueError
        It is none.
    """
    reader = Reader(b"")
    if not isinstance(steps, list):
        raise reader.refuse("a history within the history is missing")
    found = []
    for step in steps:
        if not isinstance(step, list) or len(step) != 7 or not isinstance(step[3], str):
            raise reader.refuse("a step of a history within the history is none")
        described, name, analyzer, applier, *rest = step
        analyzer_params, params, info = (_mapping(reader, each) for each in rest)
        made = _layout(reader, described)
        found.append(Transformation(applier, params, made, analyzer, analyzer_params, info, name))
    return tuple(found)


def serialize(steps: Sequence[Transformation]) -> bytes:
    """Write a history as Gaia does."""
    writer = Writer()
    writer.number("I", MAGIC)
    writer.number("i", VERSION)
    writer.number("I", len(steps))
    for step in steps:
        for text in (step.name, step.analyzer, step.applier):
            writer.text(text)
        inner = Writer()
        layout.write(step.layout, inner)
        for value in (step.analyzer_params, step.params, step.info, bytes(inner.data)):
            writer.variant(value)
    return bytes(writer.data)
