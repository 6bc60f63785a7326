"""Whether an exported file computes what its original computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import ParityError
from predictors.features.frontends import FrontEnd
from validate import parity
from zoo.exporting.reference import clips, patches

if TYPE_CHECKING:
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from convert.export_graph import ExportGraph
    from predictors.features.families import Family
    from zoo.exporting.reference import ReferenceModel

    Arrays = Mapping[str, NDArray[np.float32]]
    Trial = tuple[NDArray[Any], Future[Arrays]]
    Run = Callable[[NDArray[np.float32]], Arrays]

PATCHES = 2
"""In a clip, as patches of one overlap; alone, one of each is enough."""

LIMITS = {None: parity.TOLERANCE, "float16": 1e-2, "uint16": 1e-2, "uint8": 1.0}
"""Of a layer's largest value, by how the weights are stored."""

ENGINE_LIMIT = 1e-4
"""For real engines, which sum in another order."""

FEATURES_LIMIT = 1e-4
"""Absolute, of log-mel bands."""

EXAMPLES, SPREAD = 8, 0.01
"""Rows of descriptors like the example of a record, and how much they differ from it."""

LOUD = 0.01
"""A change of predictions that a user must be told."""


@dataclass(frozen=True)
class LayerProof:
    """How far a layer of an exported network is from the original.

    Attributes
    ----------
    name : str
    shape : tuple of (int or None)
    max_abs : float
        The largest difference.
    tolerance : float
    """

    name: str
    shape: tuple[int | None, ...]
    max_abs: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.max_abs <= self.tolerance

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "shape": [-1 if size is None else size for size in self.shape],
            "max_abs": self.max_abs if np.isfinite(self.max_abs) else None,
            "tolerance": self.tolerance,
        }


def prove(
    exported: ExportGraph, trials: Iterable[Trial], run: Run, limit: float
) -> list[LayerProof]:
    """Compare an exported network with its reference.

    Parameters
    ----------
    exported : ExportGraph
        What was written.
    trials : iterable of (numpy.ndarray, Future)
        Inputs, each with what is being computed of it: see `expected`.
    run : callable
        Runs what was read back: from an input to the values of `names`.
    limit : float
        Of each layer's largest value.

    Raises
    ------
    ParityError
        They do not agree.
    """
    from convert.export_graph import FEATURES

    worst: dict[str, LayerProof] = {}
    ports = {port.name: port.shape for port in exported.outputs}
    for fed, computing in trials:
        expected = computing.result()
        found = run(fed)
        for each in parity.compare(expected, found):
            tolerance = FEATURES_LIMIT if each.layer == FEATURES else limit * each.scale
            shape = ports.get(each.layer) or (None, *expected[each.layer].shape[1:])
            layer = LayerProof(each.layer, shape, each.max_abs, tolerance)
            if each.layer not in worst or not layer.max_abs <= worst[each.layer].max_abs:
                worst[each.layer] = layer
    return list(worst.values())


def require(layers: Sequence[LayerProof], what: str) -> None:
    """Refuse an export that does not agree.

    Raises
    ------
    ParityError
    """
    wrong = [each for each in layers if not each.holds]
    if wrong:
        told = (f"{e.name} differs by {e.max_abs:.2g}, allowed is {e.tolerance:.2g}" for e in wrong)
        raise ParityError(
            f"{what} does not compute what the original computes, and was not kept.",
            why="; ".join(told),
        )


def inputs(reference: ReferenceModel, frontend: bool) -> list[NDArray[Any]]:
    """What an export is tried with: clips, if it has the front-end; real features; random input."""
    family = reference.family
    if family and frontend:
        return list(clips(family, PATCHES))
    shape = reference.below.shape if reference.below else reference.graph.shape
    batch = parity.random_input("float32", [None, *(s if s > 0 else None for s in shape[1:])])
    if family:
        batch = np.concatenate([patches(clip, family)[:1] for clip in clips(family, 1)])
    examples = [number for each in reference.record.descriptors for number in each.example]
    if examples and len(examples) == batch.shape[-1]:
        around = np.random.default_rng(0).normal(1, SPREAD, (EXAMPLES, len(examples)))
        # Far from these, a classifier is always sure.
        return [batch, (np.array(examples) * around).astype(np.float32)]
    return [batch]


def names(exported: ExportGraph) -> list[str]:
    """The layers that are compared, the features among them where they are in the graph."""
    from convert.export_graph import AUDIO, FEATURES

    has_features = exported.inputs[0].name == AUDIO and any(
        node.name == FEATURES for node in exported.graph.node
    )
    return [port.name for port in exported.outputs] + [FEATURES] * has_features


def expected(reference: ReferenceModel, fed: NDArray[Any], frontend: bool) -> Arrays:
    """What the original makes of an input; see `inputs`."""
    family = reference.family
    if not (family and frontend):
        return reference.run(fed)
    from convert.export_graph import FEATURES

    layers = reference.run(patches(fed, family))
    if isinstance(family.frontend, FrontEnd):
        layers[FEATURES] = _features(fed, family)
    return layers


def _features(clip: NDArray[np.float32], family: Family) -> NDArray[np.float32]:
    """The features of a clip before patches are made of them [shape=(frames, bands)]."""
    plain = replace(
        family, frames=1, hop=1, layout="fb", standardize=False, scaling=None, decibels=None
    )
    return patches(clip, plain).reshape(-1, family.frontend.width)


def worse(first: LayerProof, second: LayerProof) -> LayerProof:
    """The one that comes nearer to its tolerance."""
    return max(first, second, key=lambda layer: layer.max_abs / (layer.tolerance or 1e-30))
