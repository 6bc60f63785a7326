"""A zoo published and served by the commands themselves, in a real browser."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest

import zoo
from catalog.index import catalog
from freeze.formats.graphdef import serialize
from freeze.formats.messages import GraphDef
from freeze.graph.nodes import Nodes
from predictors.audio.decoding import read
from tests.support import lab
from zoo.publishing import publisher

pytestmark = [pytest.mark.browser, pytest.mark.shared]

SCRIPT = Path(__file__).with_name("published.mjs")
SERVE = [sys.executable, "-c", "from zoo.cli import main; main()", "serve", "--port", "0", "-q"]
NETWORKS = {
    "msd-musicnn-1": "msd-musicnn-1.pb",
    "emomusic-msd-musicnn-1": "emomusic-msd-musicnn-1.pb",
    "crepe-tiny-1": "crepe-tiny-1.pb",
    "deeptemp-k16-3": "deeptemp_k16.pb",
}

RECORD = {
    "name": "A small network",
    "type": "auto-tagging",
    "version": "1",
    "description": "Two classes.",
    "author": "the tests",
    "email": "tests@zoo.invalid",
    "release_date": "2020-01-01",
    "framework": "tensorflow",
    "framework_version": "1.15.0",
    "classes": ["one", "other"],
    "model_types": ["frozen_model"],
    "dataset": {"name": "none", "size": "none"},
    "citation": "",
}
OTHERS = {
    "small-vggish-1": ("TensorflowPredictVGGish", 16000, "model/Placeholder", "model/Sigmoid"),
    "small-sinet-1": ("TensorflowPredictFSDSINet", 22050, "x", "sigmoids"),
}
"""Algorithm, sample rate, input and output of networks that no catalog has."""

IDS = (*NETWORKS, *OTHERS)


def sinet(path: Path) -> None:
    """A network with FSD-SINet's signature: two weighted sums of its features."""
    nodes = Nodes("network")
    nodes.add("Placeholder", name="x")
    nodes.nodes[0].attr["dtype"].type = 1
    for size in (-1, 101, 96, 1):
        nodes.nodes[0].attr["shape"].shape.dim.add(size=size)
    weights = np.random.default_rng(1).normal(0, 3e-4, (101 * 96, 2))
    nodes.add("Sigmoid", nodes.product(nodes.reshape("x", -1, 101 * 96), weights), name="sigmoids")
    path.write_bytes(serialize(GraphDef(node=nodes.nodes)))


@pytest.fixture
def place(shared: Path, tmp_path: Path) -> Path:
    """A folder with a model of each front-end, and a head."""
    sinet(tmp_path / "small-sinet-1.pb")
    shutil.copyfile(shared / "models" / "small_vggish_init.pb", tmp_path / "small-vggish-1.pb")
    for id, (algorithm, rate, fed, output) in OTHERS.items():
        schema = {
            "inputs": [{"name": fed, "type": "float"}],
            "outputs": [{"name": output, "type": "float", "output_purpose": "predictions"}],
        }
        inference = {"sample_rate": rate, "algorithm": algorithm}
        block = {"id": id, "kind": "end-to-end", "license": "CC0-1.0"}
        record = {**RECORD, "schema": schema, "inference": inference, "zoo": block}
        (tmp_path / f"{id}.json").write_text(json.dumps(record))
    for id, file in NETWORKS.items():
        record = catalog().find(id).document
        block = {k: v for k, v in record["zoo"].items() if k not in ("files", "recipe")}
        (tmp_path / f"{id}.json").write_text(json.dumps({**record, "zoo": block}))
        shutil.copyfile(shared / "models" / file, tmp_path / f"{id}.pb")
    return tmp_path


@pytest.fixture
def address(place: Path, tensorflowjs: Path) -> Iterator[str]:
    """Where the zoo is served that is published of them, without a slash at the end."""
    publisher.publish(
        *(place / f"{id}.json" for id in IDS),
        to=place / "site",
        title="Sounds of our lab",
        single_file=True,
    )
    command = [*SERVE, str(place / "site")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rstrip("/")
        process.kill()


@pytest.fixture
def song(shared: Path, tmp_path: Path) -> str:
    """Thirteen seconds of music at 16 kHz."""
    name = "joram-moments_of_clarity-08-solipsism-59-88.mp3"
    samples = read(shared / "goldens" / "audio" / name).resampled(16000).samples
    return str(lab.audio(tmp_path / "song.wav", samples[: 13 * 16000], 16000))


def test_every_published_page_hears_what_zoo_predicts(
    chromium: Any, address: str, place: Path, song: str
) -> None:
    found = chromium.visit(SCRIPT, address, args={"ids": list(IDS), "song": song})
    one_file = place / "site" / "models" / "msd-musicnn-1" / "msd-musicnn-1.html"
    args = {"address": one_file.as_uri(), "song": song}
    found_in_file = chromium.visit(SCRIPT, args=args)
    assert found["isolated"]  # so that wasm has threads
    for id in IDS:
        prediction = zoo.load(str(place / f"{id}.pb")).predict(song)
        expected = dict(zip(prediction.classes, prediction.mean().tolist(), strict=True))
        assert found[id]["said"].startswith("Analysed 0:13")
        for name, score in found[id]["rows"]:
            assert score == pytest.approx(expected[name], abs=1e-3), (id, name)
        assert bool(found[id]["rows"]) is (prediction.decoded is None), id
    assert found_in_file["rows"] == found["msd-musicnn-1"]["rows"]
    assert compressed(found["msd-musicnn-1"]["loaded"], address, place / "site") < 4e6


def compressed(loaded: list[str], address: str, site: Path) -> int:
    """Bytes of what a page loaded, as a server would compress it."""
    paths = [unquote(url.removeprefix(f"{address}/")) for url in loaded if "http" in url]
    files = [
        site / path / "index.html" if path[-1:] in ("", "/") else site / path for path in paths
    ]
    assert site / "models" / "msd-musicnn-1" / "tfjs" / "model.json" in files
    return sum(len(gzip.compress(file.read_bytes())) for file in files)
