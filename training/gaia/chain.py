"""The history of a trained classifier: what Gaia, Essentia and `zoo` run it from."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from freeze.formats import libsvm
from freeze.formats.gaia.history import Transformation
from freeze.formats.gaia.layout import Descriptor
from training.gaia.preprocessing import preprocessed
from training.gaia.steps import clean, normalize_dimensions, select
from training.svm import SupportVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.gaia.merging import History
    from training.gaia.points import Points

log = logging.getLogger("zoo")


def trained(
    points: Points,
    targets: NDArray[np.int64],
    settings: Mapping[str, Any],
    name: str,
    classes: Sequence[str],
    seed: int,
) -> History:
    """Train a classifier on all points, and write down its steps.

    Parameters
    ----------
    points : Points
        See `merging.merged`, whose steps come before.
    targets : numpy.ndarray [shape=(points,)]
        Numbers of classes.
    settings : dict
        See `SupportVectors`; and ``preprocessing``.
    name : str
        Of what is classified: ``genre``, ``mood_happy``.
    classes : sequence of str
        By their numbers.
    seed : int
        Of the probabilities.

    Returns
    -------
    list of Transformation
    """
    points, history = preprocessed(points, settings["preprocessing"])
    for step in (_all, clean, normalize_dimensions):
        points, done = step(points)
        history.append(done)
    _tell_constant(points)
    learner = SupportVectors(len(classes), settings, seed)
    learner.fit(points.rows, targets)
    return [*history, *_classifying(points, learner, f"highlevel.{name}", classes)]


def _tell_constant(points: Points) -> None:
    """Name descriptors of which only some dimensions say anything: Gaia refuses these."""
    still = np.ptp(points.rows, axis=0) == 0
    if names := [name[1:] for name in points.reals if still[points.places[name]].any()]:
        log.info("Some dimensions are constant, and count for nothing: %s.", ", ".join(names))


def _all(points: Points) -> tuple[Points, Transformation]:
    points, step = select(points, "*")
    return points, replace(step, analyzer_params={"descriptorNames": ("*",), "except": ()})


def _classifying(
    points: Points, learner: SupportVectors, name: str, classes: Sequence[str]
) -> History:
    before, full, settings = points.layout, f".{name}", learner.settings
    result = {full: Descriptor("string")}
    named = replace(before, descriptors={**before.descriptors, **result})
    likely = {f"{full}Probability": Descriptor("real")}
    after = replace(named, descriptors={**named.descriptors, **likely})
    asked = {
        "className": name,
        "type": "C-SVC",
        "kernel": settings["kernel"],
        "c": float(2.0 ** settings["C"]),
        "gamma": float(2.0 ** settings["gamma"]),
        "balanceClasses": bool(settings["balance_classes"]),
        "probability": True,
    }
    params = {
        "className": name,
        "classMapping": tuple(classes),
        "descriptorNames": tuple(points.places),
        "modelData": libsvm.serialize(learner.machine).encode(),
        "probability": True,
    }
    pattern = {"descriptorNames": f"{name}*"}
    kept = {"descriptorNames": tuple(sorted((*result, *likely)))}
    return [
        Transformation("addfieldapplier", {"string": name}, before, "addfield", {"string": name}),
        Transformation("svmpredict", params, named, "svmtrain", asked),
        Transformation("selectdesc", kept, after, "select", pattern),
    ]
