"""Networks that are fed audio, and what they say of one piece of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catalog.errors import AudioError, IntegrityError
from predictors.answer import Answer, non_silent
from predictors.features import families
from predictors.features.patches import starts
from predictors.heads import require_extractor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from catalog.record import Record
    from predictors.features.families import Family
    from predictors.features.patches import LastPatch
    from predictors.model import Model
    from predictors.runtimes.network import CompiledNetwork
    from predictors.runtimes.overlapping import Overlap, OverlappingNetwork

    # What patches depend on: family, hop, and what becomes of the last one.
    Kind = tuple[Family, int, LastPatch]


class Backbone:
    """A network that is fed audio, with every node that is asked of it.

    Parameters
    ----------
    model : Model
    nodes : tuple of str
    """

    def __init__(self, model: Model, nodes: tuple[str, ...]) -> None:
        self.model = model
        self.graph = model.graph(*nodes)
        require_extractor(model)
        self.family = families.choose(model.record, self.graph.shape[1:])
        _require_rate(model.record, self.family)

    def try_out(self) -> None:
        """See `predictors.model.Model.try_out`."""
        self.model.try_out(self.graph, self.family.shape)

    @property
    def network(self) -> CompiledNetwork:
        """Compiled when it is first needed."""
        return self.model.network(self.graph, self.family.shape)

    def overlapping(
        self, hop: int, batch: int | None = None, patches: int | None = None
    ) -> OverlappingNetwork | None:
        """See `predictors.model.Model.overlapping`."""
        family = self.family
        if not family.shares_frames:
            return None
        axis = 1 + family.layout.index("f")
        return self.model.overlapping(self.graph, family.shape, axis, hop, batch, patches)


def _require_rate(record: Record, family: Family) -> None:
    """Refuse a record whose sample rate is not that of the features that it names."""
    rate = family.frontend.sample_rate
    if record.sample_rate not in (None, rate):
        raise IntegrityError(
            f"The record of {record.id} contradicts itself.",
            why=f"{family.algorithm} hears {rate} Hz, and its sample rate is {record.sample_rate}.",
            hint=f"See: zoo validate {record.id}",
        )


class Run:
    """A network that is fed the patches of one piece of audio, as they come.

    Parameters
    ----------
    backbone : Backbone
    patch_hop : int or None
        The family's own where None.
    last_patch : {"discard", "repeat", "pad"}

    Attributes
    ----------
    kind : (Family, int, str)
        What the patches depend on: family, hop, and what becomes of the last one.
    """

    def __init__(self, backbone: Backbone, patch_hop: int | None, last_patch: LastPatch) -> None:
        family = backbone.family
        self.backbone = backbone
        self._model = backbone.model.record.id
        self.kind: Kind = (family, family.hop if patch_hop is None else patch_hop, last_patch)
        self._held = np.empty((0, *family.shape), np.float32)
        self._non_silent: list[NDArray[np.bool_]] = []
        self._outputs: list[list[NDArray[np.float32]]] = []
        self._overlap: Overlap | None = None

    def feed(self, patches: NDArray[np.float32]) -> None:
        """Run as many patches as fill batches; keep the rest."""
        held = np.concatenate([self._held, patches]) if len(self._held) else patches
        batch = (self._overlap or self.backbone.network).batch
        self._run(held[: len(held) // batch * batch])
        self._held = held[len(held) // batch * batch :]

    def finish(self) -> None:
        """Run what is left."""
        self._run(self._held)

    def answer(self, node: str, name: str, duration: float) -> Answer:
        """What the network said at a node.

        Raises
        ------
        AudioError
            The audio is shorter than a patch.
        """
        family, hop, _ = self.kind
        if not self._outputs:
            raise AudioError(
                f"{name} is too short: {duration:.2f} s.",
                why=f"{self._model} needs at least {family.shortest:.2f} s.",
                hint="Repeat the audio until it fills a patch: --last-patch repeat",
            )
        place = self.backbone.graph.outputs.index(node)
        output = np.concatenate([outputs[place] for outputs in self._outputs])
        times = starts(len(output), hop, family.frame_rate)
        found = np.concatenate(self._non_silent)
        return Answer(family, output, times, found, family.reach, duration)

    def _run(self, patches: NDArray[np.float32]) -> None:
        if len(patches):
            self._non_silent.append(non_silent(patches))
            following = len(patches) - (not self._outputs)
            if self._overlap is None and following:
                parts = self.backbone.overlapping(self.kind[1], patches=following)
                self._overlap = parts.begin() if parts else None
            self._outputs.append((self._overlap or self.backbone.network)(patches))
