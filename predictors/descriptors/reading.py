"""The steps of a history, made of its transformations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.classifiers.preprocessing import Scaling
from freeze.formats import libsvm
from freeze.formats.gaia.history import Transformation, nested
from freeze.formats.gaia.layout import Descriptor, Layout
from predictors.descriptors import steps
from predictors.descriptors.steps import MOST_VALUES, Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.descriptors.values import Value

DEEPEST = 4
"""Histories within histories."""


def read_steps(history: Sequence[Transformation], deep: int = 0) -> tuple[Step, ...]:
    """Make the steps of a history.

    Raises
    ------
    ValueError
        A step is unknown, or its parameters are not such as Gaia writes.
    """
    if deep > DEEPEST:
        raise ValueError("Its histories are nested too deep.")
    return tuple(_step(number, each, deep) for number, each in enumerate(history, 1))


def _step(number: int, made: Transformation, deep: int) -> Step:
    applier = made.applier.lower()
    try:
        if applier == "merge":
            one, other = (nested(made.params[key]) for key in ("history1", "history2"))
            return steps.Merging(
                made.layout, (read_steps(one, deep + 1), read_steps(other, deep + 1))
            )
        if applier not in _MAKERS:
            raise ValueError("that is no step that Gaia knows.")
        return _MAKERS[applier](made)
    except KeyError as error:
        raise ValueError(f"Step {number}, {applier:.40}, lacks its {error}.") from None
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"Step {number}, {applier:.40}: {error}") from None


def resolved(name: Any, layout: Layout) -> str:
    """The full name of a descriptor that a step names: its own, or the first that ends so."""
    if not isinstance(name, str):
        raise ValueError("a name is no text.")
    if name in layout.descriptors:
        return name
    end = f".{name.removeprefix('.')}"
    return next((full for full in sorted(layout.descriptors) if full.endswith(end)), end)


def _texts(value: Any) -> tuple[str, ...]:
    """A list of names, which may be a single one."""
    found = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(each, str) for each in found):
        raise ValueError("its names are no texts.")
    return found


def _names(made: Transformation, key: str = "descriptorNames") -> tuple[str, ...]:
    return tuple(resolved(name, made.layout) for name in _texts(made.params[key]))


def _numbers(value: Any) -> NDArray[np.float32]:
    """A list of numbers: one, several, or single precision as bytes, the lowest first."""
    if isinstance(value, bytes):
        return np.frombuffer(value, "<f4")
    found = np.atleast_1d(np.array(value, float))
    if found.ndim != 1:
        raise ValueError("its numbers are no list.")
    with np.errstate(over="ignore"):
        return found.astype(np.float32)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("its parameters are no map.")
    return value


def _place(key: str, layout: Layout) -> tuple[str, int]:
    """A descriptor and a place in it, of ``name[i]``."""
    found = re.fullmatch(r"(.+)\[(\d{1,9})\]", key, re.DOTALL)
    if not found:
        raise ValueError(f"{key!r:.80} is no place in a descriptor.")
    return resolved(found[1], layout), int(found[2])


def _removing(made: Transformation) -> Step:
    return steps.Keeping(made.layout, frozenset(_names(made)), but=True)


def _selecting(made: Transformation) -> Step:
    return steps.Keeping(made.layout, frozenset(_names(made)), but=False)


def _fixing(made: Transformation) -> Step:
    return steps.Retyping(made.layout, frozenset(_names(made)), steps.fixed)


def _enumerating(made: Transformation) -> Step:
    return steps.Retyping(made.layout, frozenset(_names(made)), steps.enumerated)


def _scaling(made: Transformation) -> Step:
    clipping = bool(made.params.get("applyClipping", False))
    scalings = {}
    for name, each in _mapping(made.params["coeffs"]).items():
        scale, offset = (_numbers(_mapping(each)[key]) for key in ("a", "b"))
        if scale.shape != offset.shape:
            raise ValueError(f"{name:.80} has not as many numbers to add as to multiply with.")
        scalings[resolved(name, made.layout)] = Scaling(scale, offset, clipping)
    return steps.Scaled(made.layout, scalings)


def _gaussianising(made: Transformation) -> Step:
    samples: dict[str, dict[int, NDArray[np.float32]]] = {}
    for key, value in _mapping(made.params["distribution"]).items():
        name, place = _place(key, made.layout)
        sorted_ones = _numbers(value)
        if len(sorted_ones) < 2 or not (np.diff(sorted_ones) >= 0).all():
            raise ValueError(f"the samples of {key:.80} are fewer than two, or not sorted.")
        samples.setdefault(name, {})[place] = sorted_ones
    return steps.Gaussianised(made.layout, samples)


def _adding(made: Transformation) -> Step:
    values: dict[str, Value] = {}
    types = {}
    params, left = made.params, MOST_VALUES
    defaults, sizes = (_mapping(params.get(key, {})) for key in ("default", "size"))
    for kind in ("real", "string"):
        for name in _texts(params.get(kind, ())):
            size = sizes.get(name)
            left -= 0 if size is None else int(size)
            if left < 0 or (size is not None and int(size) < 0):
                raise ValueError(f"{name:.80} has the size {size}.")
            count, default = (1 if size is None else int(size)), defaults.get(name)
            value: Value
            if kind == "real":
                value = np.zeros(count, np.float32) if default is None else _numbers(default)
            else:
                value = ("",) * count if default is None else _texts(default)
            values[f".{name.removeprefix('.')}"] = value
            types[f".{name.removeprefix('.')}"] = Descriptor(
                "real" if kind == "real" else "string", None if size is None else int(size)
            )
    return steps.Adding(made.layout, values, types)


def _multiplying(made: Transformation) -> Step:
    matrix = made.params["matrix"]
    rows, columns = (int(each) for each in matrix[:2])
    values = _numbers(matrix[2:])
    if rows < 1 or columns < 1 or rows * columns != len(values):
        raise ValueError(f"its matrix has {len(values)} values, not {rows} x {columns}.")
    names = _names(made)
    unnamed = f"{made.analyzer} {rows} ({', '.join(names)})".replace(".", "_")
    result = str(made.params.get("resultName", unnamed))
    return steps.Joining(made.layout, f".{result}", names, values.reshape(rows, columns))


def _joining(made: Transformation) -> Step:
    return steps.Joining(made.layout, f".{made.params['resultName']}", _names(made))


def _extracting(made: Transformation) -> Step:
    keys = _texts(made.params["dimensions"])
    places = {key: _place(key, made.layout) for key in keys}
    full = {f"{name}[{place}]": (name, place) for name, place in places.values()}
    return steps.Extracting(made.layout, full)


def _renaming(made: Transformation) -> Step:
    old, (new,) = resolved(made.params["fullName"], made.layout), _texts(made.params["newName"])
    return steps.Renaming(made.layout, old, f".{new.removeprefix('.')}")


def _classifying(made: Transformation) -> Step:
    params = made.params
    (name,) = _texts(params["className"])
    classes = _texts(params["classMapping"])
    text, _, _ = params["modelData"].partition(b"\0")
    svm = libsvm.parse(text.decode("ascii"))
    if len(classes) != len(svm.counts):
        raise ValueError(f"it has {len(svm.counts)} classes, and {len(classes)} names for them.")
    if not params.get("probability", False):
        svm = replace(svm, slope=None, intercept=None)
    elif svm.slope is None:
        raise ValueError("it must tell probabilities, and has none.")
    return steps.Classifying(made.layout, f".{name.removeprefix('.')}", classes, _names(made), svm)


_MAKERS: dict[str, Callable[[Transformation], Step]] = {
    "removedesc": _removing,
    "selectdesc": _selecting,
    "fixlengthapplier": _fixing,
    "enumerateapplier": _enumerating,
    "dotproduct": _scaling,
    "distribute": _gaussianising,
    "addfieldapplier": _adding,
    "matmult": _multiplying,
    "mergeregionapplier": _joining,
    "extractapplier": _extracting,
    "renameapplier": _renaming,
    "svmpredict": _classifying,
}
