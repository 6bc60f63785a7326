"""The steps that Gaia learns from a data set: each gives the data set after it, and itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freeze.classifiers.preprocessing import Gaussianising, Scaling
from freeze.formats.gaia.history import Transformation
from training.gaia.points import Points, matching

SAME = 1e-7
"""A descriptor whose values differ by less is constant."""

Learned = tuple[Points, Transformation]
Floats = NDArray[np.float32]


def unusable(points: Points) -> list[str]:
    """The descriptors that are constant, or that are NaN or infinite in any point."""
    found = []
    for name in points.reals:
        values = points.rows[:, points.places[name]]
        if not np.isfinite(values).all() or np.ptp(values) < SAME:
            found.append(name)
    return found


def remove(points: Points, patterns: Sequence[str]) -> Learned:
    """Drop descriptors by patterns."""
    names = tuple(matching(patterns, points.layout.descriptors))
    asked = {"descriptorNames": tuple(patterns)}
    return points.without(names), _named("removedesc", "remove", names, points, asked)


def clean(points: Points) -> Learned:
    """Drop descriptors that nothing can be learned from."""
    names = tuple(unusable(points))
    return points.without(names), _named("removedesc", "cleaner", names, points)


def select(points: Points, pattern: str) -> Learned:
    """Keep descriptors by a pattern alone."""
    names = tuple(matching([pattern], points.layout.descriptors))
    asked = {"descriptorNames": pattern}
    return points.keep(names), _named("selectdesc", "select", names, points, asked)


def enumerate_texts(points: Points, patterns: Sequence[str]) -> Learned:
    """Number texts in the order of their first appearance."""
    names = tuple(matching(patterns, points.texts))
    tables = {name: tuple(dict.fromkeys(points.texts[name])) for name in names}
    numbers = {
        name: np.array([[table.index(text)] for text in points.texts[name]], np.float32)
        for name, table in tables.items()
    }
    descriptors = {
        name: replace(descriptor, kind="enum") if name in tables else descriptor
        for name, descriptor in points.layout.descriptors.items()
    }
    columns = {name: points.rows[:, place] for name, place in points.places.items()} | numbers
    done = Points(
        replace(points.layout, descriptors=descriptors, tables={**points.layout.tables, **tables}),
        np.concatenate([columns[name] for name in sorted(columns)], axis=1),
        {name: texts for name, texts in points.texts.items() if name not in tables},
    )
    asked = {"descriptorNames": tuple(patterns)}
    return done, _named("enumerateapplier", "enumerate", names, points, asked)


def normalize(points: Points) -> Learned:
    """Bring each descriptor to 0 .. 1 as a whole: its dimensions keep their proportions."""
    return _scaled(points, per_descriptor(points), {})


def normalize_dimensions(points: Points) -> Learned:
    """Bring each dimension to 0 .. 1 on its own."""
    return _scaled(points, per_dimension(points), {"independent": True})


def per_descriptor(points: Points) -> Scaling:
    """The scaling of `normalize`."""
    low = points.column(lambda name: points.rows[:, points.places[name]].min())
    high = points.column(lambda name: points.rows[:, points.places[name]].max())
    scale, spread = _scale(points, low, high)
    return Scaling(scale, -low / spread)  # rounded so by Gaia, and otherwise below


def per_dimension(points: Points) -> Scaling:
    """The scaling of `normalize_dimensions`; a constant dimension becomes 0."""
    low, high = points.rows.min(axis=0), points.rows.max(axis=0)
    scale, _ = _scale(points, low, high)
    return Scaling(scale, np.where(points.real, -low * scale, np.float32(0)))


def _scale(points: Points, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """One over the spread of each dimension, and the spread; 1 of what is enumerated."""
    spread = np.where(points.real, high - low, np.float32(1))
    constant = spread == 0
    spread[constant] = 1
    return np.where(constant, np.float32(0), np.float32(1) / spread), spread


def _scaled(points: Points, scaling: Scaling, asked: dict[str, Any]) -> Learned:
    coefficients = {
        name: {
            "a": np.asarray(scaling.scale[points.places[name]], float).tolist(),
            "b": np.asarray(scaling.offset[points.places[name]], float).tolist(),
        }
        for name in points.reals
    }
    params = {"coeffs": coefficients, "applyClipping": False}
    step = Transformation("dotproduct", params, points.layout, "normalize", asked)
    return replace(points, rows=scaling(points.rows)), step


def gaussianize(points: Points, pattern: str) -> Learned:
    """Give each dimension of some descriptors a normal distribution, by its ranks."""
    names = matching([pattern], points.reals)
    chosen = np.zeros(points.rows.shape[1], bool)
    distribution = {}
    for name in names:
        place = points.places[name]
        chosen[place] = True
        for number, values in enumerate(np.sort(points.rows[:, place], axis=0).T):
            distribution[f"{name}[{number}]"] = values.astype("<f4").tobytes()
    asked, params = {"descriptorNames": pattern}, {"distribution": distribution}
    step = Transformation("distribute", params, points.layout, "gaussianize", asked)
    samples = np.sort(points.rows[:, chosen], axis=0)
    return replace(points, rows=Gaussianising(samples, chosen)(points.rows)), step


def _named(
    applier: str,
    analyzer: str,
    names: tuple[str, ...],
    points: Points,
    asked: dict[str, Any] | None = None,
) -> Transformation:
    params = {"descriptorNames": names}
    return Transformation(applier, params, points.layout, analyzer, asked or {})
