"""From folders of sounds to a page that plays the trained model, by the commands themselves."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zoo
from tests.support import ROOT
from zoo import cli

pytestmark = [pytest.mark.browser, pytest.mark.shared, pytest.mark.slow]

SCRIPT = Path(__file__).with_name("published.mjs")
TIMBRES = ROOT / "tools" / "synthesize_timbres.py"

ESSENTIA = """
import sys
import numpy as np
from essentia.standard import TensorflowPredict2D
rows = np.load("rows.npy")
network = TensorflowPredict2D(graphFilename=sys.argv[1], output="model/Softmax")
np.save("essentia.npy", network(rows))
"""


@pytest.fixture
def command(tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The command in an empty folder, whose store is that of TensorFlow.js."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_MIRROR", str(shared / "models" / "mirror"))

    def run(*words: str) -> None:
        monkeypatch.setattr(sys, "argv", ["zoo", *words])
        assert cli.run() == 0

    return run


def test_a_folder_of_sounds_becomes_a_page_that_hears_what_zoo_and_essentia_predict(
    tensorflowjs: Path, command: Callable[..., None], chromium: Any
) -> None:
    subprocess.run([sys.executable, TIMBRES, "sounds"], check=True)
    clip = str(Path("sounds/bell/07.flac").rename("clip.flac").resolve())
    trained = "--on msd-musicnn-1 --license CC-BY-4.0 -o sounds-1.pb"
    command("train", "sounds/", *trained.split())
    command("predict", "sounds-1.pb", clip)
    command("validate", "sounds-1.json", "sounds-1.pb", "--strict")
    command("export", "sounds-1.pb", "--to", "tfjs", "--with-extractor", "--with-frontend")
    command("publish", "sounds-1.json", "--to", "site")
    prediction = zoo.load("sounds-1.pb").predict(clip)
    assert prediction.top(1)[0][0] == "bell"
    expected = dict(zip(prediction.classes, prediction.mean().tolist(), strict=True))
    found = chromium.run(SCRIPT, Path("site"), args={"ids": ["sounds-1"], "song": clip})["sounds-1"]
    assert {name for name, _ in found["rows"]} == set(prediction.classes)
    for name, score in found["rows"]:
        assert score == pytest.approx(expected[name], abs=1e-3), name
    if find_spec("essentia") is None:
        pytest.skip("The rest needs essentia-tensorflow: pip install 'audiozoo[bench]'")
    np.save("rows.npy", zoo.load("msd-musicnn-1").embed(clip).activations)
    subprocess.run([sys.executable, "-c", ESSENTIA, "sounds-1.pb"], check=True)
    np.testing.assert_allclose(np.load("essentia.npy"), prediction.activations, atol=1e-4)
