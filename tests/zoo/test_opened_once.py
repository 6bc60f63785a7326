"""A network's file is opened once by whatever a command does with it, hashing included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import lab
from tests.support.opens import opened
from zoo.publishing import publisher

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    return tmp_path


COMMANDS = [
    ("inspect", "{model}", "--json"),
    ("predict", "{model}", "song.wav"),
    ("validate", "{model}"),
    ("export", "{model}", "--to", "onnx", "-o", "out.onnx"),
]


@pytest.mark.parametrize("described", [True, False], ids=["record", "alone"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_frozen_graph_is_opened_once(
    command: tuple[str, ...], described: bool, zoo: Any, tiny: Any, song: str, here: Path
) -> None:
    if not described:
        tiny.path.with_suffix(".json").unlink()
    with opened("tiny.pb") as found:
        zoo(*(word.format(model="tiny.pb") for word in command))
    assert len(found) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_the_weights_of_a_web_model_are_opened_once(
    command: tuple[str, ...], zoo: Any, tiny: Any, song: str, here: Path
) -> None:
    assert zoo("export", "tiny.pb", "--to", "tfjs", "-o", "web").code == 0
    (weights,) = (here / "web").glob("group1-*.bin")
    with opened(weights.name) as found:
        zoo(*(word.format(model="web") for word in command))
    assert len(found) == 1


def test_a_network_is_opened_once_for_itself_and_its_head(
    zoo: Any, tiny: Any, song: str, here: Path
) -> None:
    lab.Head(here, "tiny")
    with opened("tiny.pb") as found:
        assert zoo("predict", "head.pb", "tiny.pb", song).code == 0
    assert len(found) == 1


def test_a_network_to_publish_is_opened_once_and_copied(zoo: Any, tiny: Any, here: Path) -> None:
    record = tiny.record | {"description": "Loud or quiet."}
    record["zoo"]["license"] = "MIT"
    tiny.path.with_suffix(".json").write_text(json.dumps(record))
    with opened("tiny.pb") as found:
        publisher.find("tiny.pb")
    assert len(found) == 1
