"""What many heads cost on one backbone."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from catalog.index import catalog
from catalog.record import Record
from freeze.formats import tensors
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef
from predictors.audio.decoding import Audio
from predictors.ensemble import Ensemble
from predictors.model import Model
from predictors.predictor import Predictor
from tests.bench.essentia import network
from tests.bench.row import Row

HEADS = 15


def head(folder: Path, name: str, classes: int, extractor: Predictor) -> Predictor:
    """A head as Essentia's are: 200 embeddings, 100 hidden units, a softmax."""
    random = np.random.default_rng(classes)
    graph = GraphDef()
    placeholder = graph.node.add(name="input", op="Placeholder")
    placeholder.attr["dtype"].type = 1
    for size in (-1, 200):
        placeholder.attr["shape"].shape.dim.add(size=size)
    layers = (("hidden", "input", (200, 100), "Relu"), ("out", "hidden", (100, classes), "Softmax"))
    for layer, below, shape, activation in layers:
        weights = random.normal(0, 0.1, shape).astype(np.float32)
        graph.node.append(tensors.constant(f"{layer}/weights", weights))
        product = graph.node.add(name=f"{layer}/product", op="MatMul")
        product.input.extend([below, f"{layer}/weights"])
        graph.node.add(name=layer, op=activation, input=[product.name])
    for node in graph.node:
        if node.op not in ("Placeholder", "Const"):
            node.attr["T"].type = 1
    path = folder / f"{name}.pb"
    path.write_bytes(serialize(graph))
    outputs = [{"name": "out", "output_purpose": "predictions"}]
    record = {
        "classes": list(map(str, range(classes))),
        "schema": {"inputs": [{"name": "input"}], "outputs": outputs},
        "inference": {"sample_rate": 16000, "algorithm": "TensorflowPredict2D"},
        "zoo": {"id": name, "kind": "head", "extractor": {"id": extractor.record.id}},
    }
    return Predictor(Model(Record(record), path, extractor.model))


def heads() -> list[Row]:
    """Processor time of a backbone with fifteen heads against the backbone alone."""
    graph = network("msd-musicnn-1", "msd-musicnn-1.pb")
    if graph is None:
        return []
    samples = np.random.default_rng(0).normal(0, 0.1, 60 * 16000).astype(np.float32)
    audio = Audio(samples, 16000)
    with tempfile.TemporaryDirectory() as scratch:
        backbone = Predictor(Model(catalog().find("msd-musicnn-1"), graph))
        many = [head(Path(scratch), f"head-{i}", 2 + i, backbone) for i in range(HEADS)]
        ensembles = Ensemble(each.model for each in (backbone, *many)), Ensemble([backbone.model])
        times: list[list[float]] = []
        for _ in range(6):
            row = []
            for ensemble in ensembles:
                start = time.process_time()
                ensemble.predict(audio)
                row.append(time.process_time() - start)
            times.append(row)
    together, alone = (median(column) for column in zip(*times[1:], strict=True))
    what = f"{HEADS} heads and their backbone over one file, CPU time"
    rest = "the backbone, which runs once; the heads themselves are small products"
    return [Row(what, "the backbone alone", together / alone, "≤ 1.2", rest)]
