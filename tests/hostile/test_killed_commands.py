"""Commands killed at random moments leave nothing half, and the next run leaves nothing behind.

``ZOO_FUZZ=N`` kills N times each.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from catalog.store import Store, sha256_of
from tests.support import ROOT, graphs, killing, lab
from zoo.publishing.site import SUMS, read_sums

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here"),
]

KILLS = int(os.environ.get("ZOO_FUZZ", 8))
State = dict[str, str]


def state(path: Path) -> State:
    """The digests of a file, or of the files in a folder; nothing if there is none."""
    if path.is_file():
        return {path.name: sha256_of(path)}
    files = (each for each in path.rglob("*") if each.is_file())
    return {each.relative_to(path).as_posix(): sha256_of(each) for each in files}


class Lab:
    """A folder for outputs, a store, and a place for temporary files, each empty."""

    def __init__(self, above: Path) -> None:
        self.above = above
        self.out, self.temporary = above / "out", above / "tmp"
        self.store = Store(above / "store")
        engine = above / "engine"
        for folder in (self.out, self.temporary, engine):
            folder.mkdir()
        (engine / "tf-core.js").write_text("// a stand-in")
        self.engine = str(engine)

    def kill(
        self,
        *commands: Iterable[object],
        look: Callable[[], None],
        rounds: int = KILLS,
        span: float,
    ) -> list[tuple[int, float]]:
        """Run commands in any order, kill each, and look what there is; exit codes and seconds."""
        seed = random.randrange(10_000)
        words = [list(map(str, command)) for command in commands]
        plan = killing.Plan(words, rounds, seed, span, self.engine)
        places = {"ZOO_HOME": self.store.home, "TMPDIR": self.temporary}
        driver = subprocess.Popen(
            [sys.executable, "-m", killing.__name__, json.dumps(plan._asdict())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "ZOO_OFFLINE": "1", **{k: str(v) for k, v in places.items()}},
        )
        told = list[tuple[int, float]]()
        with driver:
            assert driver.stdin and driver.stdout
            for line in driver.stdout:
                code, seconds = line.split()
                told.append((int(code), float(seconds)))
                try:
                    look()
                except AssertionError as error:
                    driver.kill()
                    raise AssertionError(f"seed {seed}, after kill {len(told)}") from error
                driver.stdin.write("\n")
                driver.stdin.flush()
        assert driver.returncode == 0 and len(told) == rounds
        return told

    def run(self, *command: object) -> float:
        """Run one command to its end; the seconds that it takes."""
        ((code, seconds),) = self.kill(command, look=lambda: None, rounds=1, span=0)
        assert code == 0
        return seconds

    def left(self) -> list[str]:
        """What nobody should find: in the place for temporary files, and hidden beside outputs."""
        hidden = [path for path in self.out.iterdir() if path.name.startswith(".")]
        parts = list(self.store.parts.glob("*")) if self.store.parts.is_dir() else []
        return [str(path) for path in (*self.temporary.iterdir(), *hidden, *parts)]


@pytest.fixture
def place(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A record that may be published, and its network."""
    network = lab.Network(tmp_path, "ours-1")
    path = network.path.with_suffix(".json")
    more = {"type": "auto-tagging", "description": "d", "framework": "tensorflow", "author": "a"}
    block = {"id": "ours-1", "kind": "extractor", "license": "CC-BY-4.0"}
    schema = json.loads(path.read_text())["schema"]
    schema["inputs"][0]["shape"] = [187, 96]
    path.write_text(json.dumps({**network.record, **more, "schema": schema, "zoo": block}))
    return path


def _as_good(place: Lab, output: Path, command: tuple[object, ...]) -> None:
    """Kill a command that writes an output, which must be as it is when nobody is killed."""
    seconds = place.run(*command)
    good = state(output)
    assert good and place.left() == []

    def look() -> None:
        assert state(output) in (good, {})

    killed = place.kill(command, look=look, span=1.2 * seconds)
    assert any(code < 0 or code == 130 for code, _ in killed)
    place.run(*command)
    assert state(output) == good
    assert place.left() == []


def test_an_export_is_whole_or_not_there(place: Lab, record: Path) -> None:
    output = place.out / "web"
    command = ("export", record.with_suffix(".pb"), "--to", "tfjs", "-o", output)
    _as_good(place, output, command)


def test_a_frozen_graph_is_whole_or_not_there(place: Lab, tmp_path: Path) -> None:
    graph = graphs.graph("x = Placeholder\nv = VariableV2\ny = Mul x v")
    graphs.save(graphs.checkpoint({"v": np.arange(6, dtype=np.float32)}, graph), tmp_path / "model")
    output = place.out / "frozen.pb"
    command = ("freeze", tmp_path / "model", "-o", output, "--node", "y")
    _as_good(place, output, command)


def test_a_publication_is_whole_or_not_there(place: Lab, record: Path) -> None:
    output = place.out / "site"

    def look() -> None:
        found = state(output)
        listed = read_sums(output / SUMS) if found else {}
        assert {name: sha256 for name, sha256 in found.items() if name != SUMS} == listed

    command = ("publish", record, "--to", output, "--plain")
    seconds = place.run(*command)
    place.kill(command, look=look, span=seconds)
    place.run(*command)
    look()
    assert place.left() == []


def test_a_model_is_whole_or_not_there_while_it_is_pulled_and_removed(
    place: Lab, record: Path
) -> None:
    site = place.out / "site"
    place.run("publish", record, "--to", site, "--plain")
    seconds = place.run("pull", "ours-1", "--catalog", site)
    pull = ("pull", "ours-1", "--catalog", site)

    def look() -> None:
        for id in place.store.names():
            assert all(found.ok for found in place.store.verify(id)), place.store.verify(id)

    commands = (pull, (*pull, "--force"), ("rm", "-y", "ours-1"))
    place.kill(*commands, look=look, rounds=2 * KILLS, span=1.2 * seconds)
    place.run(*pull)
    place.run("rm", "-y", "ours-1")
    assert not place.store.folder("ours-1").exists()
    assert place.left() == []
