"""What changed from one version of a model to another, for whoever uses the older one."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.errors import listed
from catalog.fields import Layer
from catalog.manifest import Manifest, is_from, is_listed
from catalog.record import Record

_SHOWN = 5  # names of each kind; the rest is counted


def changes(old: Record, new: Record) -> list[str]:
    """Classes, layers, extractor, features and license that differ, each in one line.

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
    for what, was, now in (
        ("algorithm", old.algorithm, new.algorithm),
        ("sample rate", old.sample_rate, new.sample_rate),
        ("patch", old.zoo.get("patch"), new.zoo.get("patch")),
        ("license", old.license, new.license),
    ):
        if was != now:
            found.append(f"{what}: {now or 'unknown'}, not {was or 'unknown'}")
    return found


def is_replaced(model: Record, manifest: Manifest) -> bool:
    """Whether the catalog of an installed model has another one under its name by now.

    That is another file, or a record that tells something else of it.
    """
    if not is_listed(model, manifest):
        return True
    if not is_from(model, manifest) or manifest.record is None:
        return False
    return bool(changes(Record(manifest.record), model))


def _layers(layers: Sequence[Layer]) -> list[str]:
    return [
        each.name if each.shape is None else f"{each.name} [{', '.join(map(str, each.shape))}]"
        for each in layers
    ]


def _differing(old: Sequence[str], new: Sequence[str]) -> str:
    come = [name for name in new if name not in old]
    gone = [name for name in old if name not in new]
    told = [
        f"{what} {listed(names, _SHOWN)}"
        for what, names in (("new", come), ("gone", gone))
        if names
    ]
    return "; ".join(told) or "in another order"
