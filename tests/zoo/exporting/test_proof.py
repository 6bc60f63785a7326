"""How far an export is from its original, of several inputs and several runtimes."""

from __future__ import annotations

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from catalog.errors import ParityError
from catalog.record import Record
from convert.export_graph import AUDIO, FEATURES, TensorSpec
from predictors.features.families import choose
from zoo.exporting.proof import LayerProof, expected, inputs, names, prove, require, worse

FAMILY = choose(Record({"inference": {"algorithm": "TensorflowPredictMusiCNN"}}), (187, 96))


@pytest.mark.parametrize(
    ("errors", "largest"),
    [((0.5, 0.25), 0.5), ((0.25, 0.5), 0.5), ((np.inf, 0.25), np.inf), ((0.25, np.inf), np.inf)],
)
def test_the_worst_of_all_inputs_is_what_counts(errors: Any, largest: float) -> None:
    exported = SimpleNamespace(
        inputs=[TensorSpec(AUDIO, "float32", (None,))],
        outputs=[TensorSpec("y", "float32", (None, 2))],
        graph=SimpleNamespace(node=[SimpleNamespace(name=FEATURES)]),
    )
    reference = SimpleNamespace(
        family=FAMILY, run=lambda batch: {"y": np.full((len(batch), 2), 2, np.float32)}
    )
    trials: list[Any] = []
    for fed in inputs(reference, frontend=True):  # type: ignore[arg-type]
        trials.append((fed, Future()))
        trials[-1][1].set_result(expected(reference, fed, frontend=True))  # type: ignore[arg-type]
    left = iter(errors)

    def run(clip: Any) -> dict[str, Any]:
        rows = len(reference.run([0, 0])["y"])
        off = np.full((rows, 2), 2 + next(left), np.float32)
        return dict.fromkeys(names(exported), off)  # type: ignore[arg-type]

    proofs = {each.name: each for each in prove(exported, trials, run, 0.125)}  # type: ignore[arg-type]
    assert next(left, None) is None
    assert (proofs["y"].max_abs, proofs["y"].tolerance) == (largest, 0.25)
    assert proofs["y"].shape == (None, 2)
    with pytest.raises(ParityError, match="was not kept"):
        require([proofs["y"]], "it")


def test_of_two_runtimes_the_one_nearer_to_its_tolerance_is_told() -> None:
    near, far = LayerProof("y", (2,), 0.5, 0.5), LayerProof("y", (2,), 0.75, 1.0)
    assert worse(near, far) is worse(far, near) is near
    assert worse(LayerProof("y", (2,), 0.5, 0.0), near).tolerance == 0
    require([near, far], "it")
