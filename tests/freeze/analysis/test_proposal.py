"""Outputs that nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest

from freeze.analysis.proposal import propose
from freeze.formats.checkpoint import Checkpoint
from freeze.graph.rewrite import rewrite
from tests.support import graphs

BODY = """
    x = Placeholder
    kernel = VariableV2
    conv = Conv2D x kernel
    hidden = BiasAdd conv kernel
    flat = Reshape hidden kernel
    inner = MatMul flat kernel
    inner/BiasAdd = BiasAdd inner kernel
    relu = Relu inner/BiasAdd
    outer = MatMul relu kernel
    outer/BiasAdd = BiasAdd outer kernel
"""
TRAINING = """
    labels = Placeholder
    loss = Sub outer/BiasAdd labels
    loss/Sigmoid = Sigmoid loss
    gradients/x = Mul loss kernel
    step = ApplyGradientDescent kernel kernel gradients/x
    save = SaveV2 kernel
"""


def _names(text: str, *declared: str) -> list[tuple[str, str]]:
    outputs = propose(graphs.graph(text), declared).outputs
    return [(each.name, each.purpose) for each in outputs]


@pytest.mark.parametrize("activation", ["Sigmoid", "Softmax"])
@pytest.mark.parametrize("training", ["", TRAINING])
def test_the_last_activation_is_taken_with_its_logits_and_the_layer_before(
    activation: str, training: str
) -> None:
    text = f"{BODY}    tags = {activation} outer/BiasAdd{training}".rstrip()
    assert _names(text) == [
        ("tags", "predictions"),
        ("outer/BiasAdd", "logits"),
        ("inner/BiasAdd", "embeddings"),
    ]


def test_one_dense_layer_behind_convolutions_has_the_vector_that_it_reads_as_embedding() -> None:
    text = """
        x = Placeholder
        kernel = VariableV2
        conv = Conv2D x kernel
        flat = Reshape conv kernel
        dense = MatMul flat kernel
        logits = BiasAdd dense kernel
        tags = Sigmoid logits
    """
    expected = [("tags", "predictions"), ("logits", "logits"), ("flat", "embeddings")]
    assert _names(text) == expected


def test_without_an_activation_the_last_sum_is_taken() -> None:
    assert _names(BODY)[0][0] == "outer/BiasAdd"


def test_two_ends_are_ambiguous() -> None:
    text = BODY + "    genre = Softmax outer/BiasAdd\n    mood = Sigmoid inner/BiasAdd"
    proposal = propose(graphs.graph(text))
    assert proposal.outputs == ()
    assert {each.name for each in proposal.candidates} == {"genre", "mood"}


def test_a_graph_that_computes_nothing_has_no_proposal() -> None:
    proposal = propose(graphs.graph("x = Placeholder\n    doubled = Add x x"))
    assert proposal.outputs == ()


def test_declared_outputs_are_taken_under_the_name_of_what_they_hand_on() -> None:
    text = BODY + "    tags = Sigmoid outer/BiasAdd\n    Identity = Identity tags"
    assert _names(text, "Identity")[0] == ("tags", "predictions")


@pytest.mark.shared
def test_the_proposal_is_what_the_recipes_of_the_four_taggers_say(checkpoint_folder: Path) -> None:
    graph = Checkpoint.open(checkpoint_folder).metagraph().graph_def
    rewrite(graph)
    musicnn = ["model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd"]
    vgg = ["model/Sigmoid", "model/dense/BiasAdd", "model/Flatten/flatten/Reshape"]
    names = [each.name for each in propose(graph).outputs]
    assert names == (vgg if "vgg" in checkpoint_folder.name else musicnn)
