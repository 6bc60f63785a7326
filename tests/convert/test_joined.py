"""A head and its extractor in one graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import UsageError
from catalog.record import Record
from convert.export_graph import ExportGraph
from convert.joined import join
from freeze.formats import graphdef
from freeze.graph.prune import prune
from predictors.runtimes.graph import PrunedGraph
from predictors.runtimes.openvino_engine import openvino
from tests.support import lab


def network(made: Any, *outputs: str) -> ExportGraph:
    graph = prune(graphdef.read(made.path), outputs)
    return ExportGraph.of(graph, outputs, Record.load(made.path.with_suffix(".json")))


def test_a_head_reads_its_extractor_in_the_same_graph(tmp_path: Path) -> None:
    extractor, head = lab.Network(tmp_path), lab.Head(tmp_path, "tiny")
    joined = join(network(head, "score"), network(extractor, "embeddings"), "embeddings")
    batch = np.random.default_rng(1).random((4, 187, 96), np.float32)
    graph = PrunedGraph(joined.graph, joined.inputs[0].name, (), ("score",))
    (score,) = openvino(graph, batch.shape)(batch)
    np.testing.assert_allclose(score, extractor.embeddings(batch) @ head.weights, atol=1e-6)


def test_nodes_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    extractor, head = lab.Network(tmp_path), lab.Head(tmp_path, "tiny")
    joined = join(network(head, "score"), network(extractor, "embeddings"), "embeddings")
    names = [node.name for node in joined.graph.node]
    assert len(names) == len(set(names)) and "score" in names
    assert [port.name for port in joined.inputs] == [
        node.name for node in joined.graph.node if node.op == "Placeholder"
    ]


def test_the_whole_is_told_as_the_head_that_is_fed_like_its_extractor(tmp_path: Path) -> None:
    extractor, head = lab.Network(tmp_path), lab.Head(tmp_path, "tiny")
    below = network(extractor, "embeddings")
    below.metadata["zoo"]["sample_rate"] = 16000
    told = join(network(head, "score"), below, "embeddings").metadata["zoo"]
    assert told["id"] == "head" and told["classes"] == ["score"]
    assert told["outputs"] == {"score": "predictions"} and told["sample_rate"] == 16000


def test_the_record_of_the_whole_names_no_extractor_and_is_fed_like_it(tmp_path: Path) -> None:
    extractor, head = lab.Network(tmp_path), lab.Head(tmp_path, "tiny")
    above = network(head, "score")
    above.metadata["zoo"]["record"]["inference"] |= {
        "sample_rate": 44100,
        "embedding_model": {"model_name": "tiny"},
    }
    below = network(extractor, "embeddings")
    below.metadata["zoo"]["record"]["zoo"]["patch"] = {"frames": 187, "hop": 62}
    record = join(above, below, "embeddings").metadata["zoo"]["record"]
    assert record["inference"] == {"sample_rate": 16000, "algorithm": "TensorflowPredictMusiCNN"}
    patch = {"frames": 187, "hop": 62}
    assert record["zoo"] == {"id": "head", "kind": "end-to-end", "patch": patch}
    assert record["schema"]["outputs"] == head.record["schema"]["outputs"]
    (read,) = record["schema"]["inputs"]
    assert read == {"name": "input", "type": "float", "shape": [-1, 187, 96]}


def test_a_head_of_another_width_is_refused(tmp_path: Path) -> None:
    extractor, head = lab.Network(tmp_path), lab.Head(tmp_path, "tiny")
    with pytest.raises(UsageError, match="does not fit"):
        join(network(head, "score"), network(extractor, "sigmoids"), "sigmoids")


@pytest.mark.parametrize("shape", [(None, 2, 3), (None,)])
def test_a_head_of_other_rows_is_refused(tmp_path: Path, shape: tuple[int | None, ...]) -> None:
    extractor, head = lab.Network(tmp_path), network(lab.Head(tmp_path, "tiny"), "score")
    other = replace(head, inputs=(replace(head.inputs[0], shape=shape),))
    with pytest.raises(UsageError, match="does not fit"):
        join(other, network(extractor, "embeddings"), "embeddings")
