"""The page of a model that reads descriptors, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import zoo
from freeze.formats.gaia import history
from tests.support import histories
from tests.support.histories import POOL

pytestmark = pytest.mark.browser

SAMPLES = {f"{histories.MEAN}[0]": [-1.0, 0.0, 1.0], f"{histories.VAR}[0]": [0.1, 0.7]}

HERE = Path(__file__).parent


@pytest.mark.usefixtures("tensorflowjs")
def test_a_file_of_descriptors_is_judged_in_the_page(chromium: Any, tmp_path: Path) -> None:
    *steps, adding, last = histories.chain()
    ranks = histories.step("distribute", histories.NUMBERED, distribution=SAMPLES)
    whole = history.serialize([*steps, ranks, adding, last])
    (tmp_path / "mood.history").write_bytes(whole)
    network = tmp_path / "mood-svm-1.pb"
    zoo.freeze(tmp_path / "mood.history", network, license="CC-BY-4.0")
    site = tmp_path / "site"
    zoo.publish(network.with_suffix(".json"), to=site)
    files = {
        "song": json.dumps(POOL),
        "unknown": json.dumps({**POOL, "tonal.key": "Bb"}),
        "few": json.dumps({"low.mean": [1, 2, 3]}),
        "text": "no JSON",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.json").write_text(text)
    args = {"id": "mood-svm-1", **{name: str(tmp_path / f"{name}.json") for name in files}}
    found = chromium.run(HERE / "descriptors.mjs", site, args=args)

    prediction = zoo.load(network).predict(POOL)
    assert [name for name, _ in found["bars"]] == [name for name, _ in prediction.top(3)]
    assert dict(found["bars"]) == pytest.approx(dict(prediction.top(3)), abs=0.006)
    assert found["own"] == pytest.approx(prediction.mean().tolist(), abs=1e-6)
    assert found["told"] == "Predicted for song.json."
    assert "does not know Bb in tonal.key" in found["unknown"]
    assert "2 of the 3 descriptors that the model needs are missing: low.var" in found["few"]
    assert found["text"] == "text.json holds no descriptors as JSON."
    assert "3 descriptors of Essentia's music extractor" in found["words"]
    assert "support vector machine on descriptors" in found["words"]
