"""What changed from one version of a model to another, for whoever uses the older one."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.fields import Layer
from catalog.record import Record

_SHOWN = 5  # names of each kind; the rest is counted


def changes(old: Record, new: Record) -> list[str]:
    """Classes, layers, extractor and license that differ, each in one line.

    Parameters
    ----------
    old, new : Record

    Examples
    --------
    >>> changes(Record({"classes": ["a", "b"]}), Record({"classes": ["b", "a"]}))
    ['classes: in another order']
    """
    found = []
    if old.classes != new.classes:
        found.append(f"classes: {_differing(old.classes, new.classes)}")
    for what, before, after in (
        ("inputs", old.inputs, new.inputs),
        ("outputs", old.outputs, new.outputs),
    ):
        if (one := _layers(before)) != (other := _layers(after)):
            found.append(f"{what}: {_differing(one, other)}")
    reads = [model.extractor.id if model.extractor else "audio" for model in (old, new)]
    if reads[0] != reads[1]:
        found.append(f"reads: {reads[1]}, not {reads[0]}")
    if old.license != new.license:
        found.append(f"license: {new.license or 'unknown'}, not {old.license or 'unknown'}")
    return found


def _layers(layers: Sequence[Layer]) -> list[str]:
    return [
        each.name if each.shape is None else f"{each.name} [{', '.join(map(str, each.shape))}]"
        for each in layers
    ]


def _differing(old: Sequence[str], new: Sequence[str]) -> str:
    come = [name for name in new if name not in old]
    gone = [name for name in old if name not in new]
    told = [f"{what} {_some(names)}" for what, names in (("new", come), ("gone", gone)) if names]
    return "; ".join(told) or "in another order"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
