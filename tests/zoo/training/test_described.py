"""``zoo train`` on files of descriptors, as Gaia does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo as face
from freeze.formats.gaia import history
from freeze.formats.gaia.history import classifier
from tests.support.descriptors import CLASSES, descriptor_files

pytestmark = pytest.mark.slow

Run = Callable[..., Any]

GRID = "preprocessing: [basic, gaussianized]\nkernel: [RBF]\nC: [3]\ngamma: [-5, -3]"
SMALL = ("--grid", "grid.yaml", "--folds", 3)


@pytest.fixture
def pieces(tmp_path: Path) -> Path:
    """Two folders of the descriptors of twelve pieces each, nested as the extractor has them."""
    for number, descriptors in enumerate(descriptor_files()):
        folder = tmp_path / "pieces" / CLASSES[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        document: dict[str, Any] = {}
        for name, value in descriptors.items():
            *above, last = name.split(".")
            place = document
            for part in above:
                place = place.setdefault(part, {})
            place[last] = value
        (folder / f"{number}.json").write_text(json.dumps(document))
    (tmp_path / "grid.yaml").write_text(GRID)
    return tmp_path / "pieces"


def _activations(model: str, pieces: Path) -> Any:
    predictor = face.load(model)
    return np.array(
        [predictor.predict(path).activations[0] for path in sorted(pieces.rglob("*.json"))]
    )


@pytest.mark.slow
def test_a_history_and_a_graph_say_the_same(train: Run, zoo: Run, pieces: Path) -> None:
    ran = train("pieces", *SMALL, "-o", "pitch-1.history", "--json")
    assert ran.code == 0, ran.err
    assert (ran.document["learner"], ran.document["files"]) == ("svm", 24)
    assert ran.document["accuracy"] > 0.7 and ran.document["classes"] == [*CLASSES]
    assert train("pieces", *SMALL, "-o", "pitch-2.pb", "--license", "CC0-1.0").code == 0
    history, graph = (_activations(name, pieces) for name in ("pitch-1.history", "pitch-2.pb"))
    np.testing.assert_allclose(history, graph, atol=1e-4)
    (said,) = zoo("predict", "pitch-1.history", "pieces/sharp/1.json", "--json").document["results"]
    assert said["top"][0]["class"] == "sharp"
    for name in ("pitch-1.history", "pitch-2.pb"):
        assert zoo("validate", name, *["--strict"] * (name == "pitch-2.pb")).code == 0


def test_the_record_says_what_is_read_and_how_it_was_trained(train: Run, pieces: Path) -> None:
    assert train("pieces", *SMALL, "-o", "pitch-1.pb", "--seed", 4).code == 0
    record = json.loads(Path("pitch-1.json").read_text())
    names = [each["name"] for each in record["zoo"]["descriptors"]]
    assert names == sorted(names) and "lowlevel.mfcc.mean" in names
    assert "metadata.version.essentia" not in names
    made = record["zoo"]["training"]
    assert (made["learner"], made["folds"], made["seed"]) == ("svm", 3, 4) and "on" not in made
    assert made["settings"]["preprocessing"] in ("basic", "gaussianized")
    assert (
        "descriptors of Essentia&#39;s music extractor" in Path("pitch-1.report.html").read_text()
    )


@pytest.mark.slow
def test_the_same_command_gives_the_same_bytes(train: Run, pieces: Path) -> None:
    written = []
    for name in ("one", "two"):
        folder = Path(name)
        folder.mkdir()
        assert train("pieces", *SMALL, "-o", folder / "pitch-1.history").code == 0
        written.append((folder / "pitch-1.history").read_bytes())
    assert written[0] == written[1]


@pytest.mark.slow
def test_a_row_of_the_report_is_trained_again(train: Run, pieces: Path) -> None:
    assert train("pieces", *SMALL, "-o", "pitch-1.history").code == 0
    ran = train("--retrain", "pitch-1.report.csv", "--rank", 4, "-o", "pitch-2.history", "--json")
    assert ran.code == 0, ran.err
    first = json.loads(Path("pitch-1.json").read_text())["zoo"]["training"]["settings"]
    assert ran.document["settings"] != first
    assert _activations("pitch-2.history", pieces).shape == (24, 2)


@pytest.mark.slow
def test_gaias_two_files_name_the_descriptors(train: Run, pieces: Path) -> None:
    yaml = pytest.importorskip("yaml")
    ids = {path.stem: path for path in sorted(pieces.rglob("*.json"))}
    truth = {"className": "chroma", "type": "singleClass", "version": 1.0}
    truth["groundTruth"] = {name: path.parent.name for name, path in ids.items()}
    Path("truth.yaml").write_text(yaml.dump(truth))
    Path("files.yaml").write_text(yaml.dump({name: str(path) for name, path in ids.items()}))
    ran = train("truth.yaml", "files.yaml", *SMALL, "-o", "pitch-1.history", "--json")
    assert (ran.code, ran.document["files"]) == (0, 24)
    last = classifier(history.read(Path("pitch-1.history")))
    assert last and last.params["className"] == "highlevel.chroma"


def test_a_file_without_descriptors_is_left_out(train: Run, pieces: Path) -> None:
    (pieces / "flat" / "broken.json").write_text("{")
    ran = train("pieces", *SMALL, "-o", "pitch-1.history", "--json")
    assert (ran.code, ran.document["files"]) == (0, 24)
    assert "broken.json was left out" in ran.err


def test_words_for_what_descriptors_are_not_trained_with(train: Run, pieces: Path) -> None:
    ran = train("pieces", "--learner", "mlp", "-o", "pitch-1.pb")
    assert ran.code == 2 and "support vector machines learn" in ran.err
    ran = train("pieces", "--pool", "-o", "pitch-1.pb")
    assert ran.code == 2 and "without --pool" in ran.err
    ran = train("pieces", "--labels", "table.csv", "-o", "pitch-1.pb")
    assert ran.code == 2 and "without --labels" in ran.err
    ran = train("pieces", "--preprocessing", "standardised", "-o", "pitch-1.pb")
    assert ran.code == 2 and "basic" in ran.err
    ran = train("pieces", *SMALL, "-o", "pitch-1.onnx")
    assert ran.code == 2 and ".pb or .history" in ran.err
    ran = train("pieces", *SMALL, "-o", "my pitch.pb")
    assert ran.code == 2 and "-o my-pitch.pb" in ran.err
    assert not list(Path().glob("*pitch*"))
