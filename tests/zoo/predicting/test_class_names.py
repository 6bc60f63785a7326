"""What `zoo predict` says of classes: words for people, names for programs, doubtful orders."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab

Run = Callable[..., Any]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return lab.audio(tmp_path / "a.wav", lab.sine(16000), 16000)


def renamed(tiny: Any, id: str, **changes: Any) -> Path:
    """The small network under the name of a model of the catalog."""
    document = {k: v for k, v in tiny.record.items() if k != "zoo"} | changes
    graph = Path(shutil.copy(tiny.path, tiny.path.with_name(f"{id}.pb")))
    graph.with_suffix(".json").write_text(json.dumps(document))
    return graph


def test_the_terminal_shows_words_and_documents_and_tables_names(
    predict: Run, tiny: Any, sound: Path, tmp_path: Path
) -> None:
    tiny.record["zoo"]["display_classes"] = {"loud": "really loud"}
    tiny.path.with_suffix(".json").write_text(json.dumps(tiny.record))
    assert "really loud" in predict(tiny.path, sound).out
    (result,) = predict(tiny.path, sound, "--json").document["results"]
    assert result["classes"] == ["quiet", "loud"]
    assert {each["class"] for each in result["top"]} == {"quiet", "loud"}
    predict(tiny.path, sound, "-o", tmp_path / "table.csv")
    assert "really" not in (tmp_path / "table.csv").read_text()


def test_classes_published_in_reverse_are_predicted_in_their_order_and_told(
    predict: Run, tiny: Any, sound: Path
) -> None:
    graph = renamed(tiny, "tonal_atonal-musicnn-mtt-2", classes=["tonal", "atonal"])
    ran = predict(graph, sound, "--json")
    assert ran.document["results"][0]["classes"] == ["atonal", "tonal"]
    told = [line for line in ran.err.splitlines() if "in reverse" in line]
    assert len(told) == 1 and "published metadata" in told[0]


def test_an_inferred_order_is_told_in_one_line(predict: Run, tiny: Any, sound: Path) -> None:
    known = renamed(tiny, "tonal_atonal-musicnn-mtt-2", classes=["atonal", "tonal"])
    assert "order" not in predict(known, sound, "--json").err
    inferred = renamed(tiny, "tonal_atonal-vgg-msd-2", classes=[])
    ran = predict(inferred, sound, "--json")
    assert ran.document["results"][0]["classes"] == ["atonal", "tonal"]
    assert len([line for line in ran.err.splitlines() if "order" in line]) == 1
    assert "inferred from other models of its task" in ran.err


@pytest.mark.shared
@pytest.mark.parametrize(
    ("id", "audio", "heard"),
    [
        ("tonal_atonal-musicnn-msd-2", "flamenco.mp3", "tonal"),
        ("tonal_atonal-musicnn-msd-2", "noise_44100.wav", "atonal"),
        ("mood_party-musicnn-msd-2", "flamenco.mp3", "non_party"),
    ],
)
def test_real_networks_mean_what_their_classes_say(
    id: str, audio: str, heard: str, zoo: Run, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_MIRROR", str(shared / "models" / "mirror"))
    ran = zoo("predict", id, shared / "goldens" / "audio" / audio, "--json")
    (result,) = ran.document["results"]
    assert result["top"][0]["class"] == heard
    assert result["top"][0]["score"] > 0.8
