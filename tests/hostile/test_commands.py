"""Whole commands on hostile files: a sentence, an exit code, and bounds of time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support import corpus, graphs, histories, lab

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc here"),
]

SECONDS = 10  # of processors: the machine may have other work
MEMORY = 10**9  # bytes

FEW = (
    "nested 10 000 deep",
    "millions of empty tensors",
    "functions that call others twice, 32 deep",
    "a name that makes patterns slow",
    "a bomb",
)


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


# wait4 would tell the peak of this process, where that is higher than the command's.
MEASURED = """
import os, resource, sys
from zoo.cli import run
code = run()
with open("/proc/self/status") as status:
    own = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
with open(os.environ["USED"], "w") as file:
    seconds = sum(each.ru_utime + each.ru_stime for each in used)
    print(seconds, max(own, used[1].ru_maxrss), file=file)
sys.exit(code)
"""


def zoo(*words: object, home: Path) -> Answer:
    """Run the command in a process of its own, and measure it."""
    used = home / "used"
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env={
            **os.environ,
            "ZOO_HOME": str(home / "store"),
            "ZOO_OFFLINE": "1",
            "USED": str(used),
        },
    )
    seconds, peak = used.read_text().split()
    return Answer(done.returncode, done.stdout, done.stderr, float(seconds), int(peak) * 1024)


def refused(answer: Answer, codes: tuple[int, ...] = (1, 3, 5)) -> None:
    """Check what must hold for any file."""
    assert "Traceback" not in answer.err and "bug in zoo" not in answer.err, answer.err
    assert answer.code in codes, answer
    assert answer.code == 0 or (answer.out + answer.err).strip(), "not a word"
    assert answer.seconds < SECONDS
    assert answer.memory < MEMORY


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


@pytest.fixture
def commands(is_long: bool) -> tuple[str, ...]:
    """The commands that open any file; the first of them opens most kinds."""
    return ("inspect", "validate") if is_long else ("inspect",)


def _cases(is_long: bool) -> Iterator[tuple[str, str, bytes]]:
    groups = (
        ("graph.pb", corpus.GRAPHS),
        (
            "saved_model.pb",
            {k: lambda m=m: corpus.saved_model(m()) for k, m in corpus.GRAPHS.items()},
        ),
        ("record.json", corpus.RECORDS),
        ("model.json", corpus.TOPOLOGIES),
        ("model.zip", corpus.ARCHIVES),
        ("mood.history", histories.HOSTILE),
    )
    for name, group in groups:
        for case, make in group.items():
            if is_long or (case in FEW and name in ("graph.pb", "record.json", "model.zip")):
                yield name, case, make()


def test_every_command_ends_with_a_sentence_in_time_and_within_memory(
    is_long: bool, tmp_path: Path, home: Path
) -> None:
    count = 0
    for name, case, data in _cases(is_long):
        folder = tmp_path / f"{count}"
        folder.mkdir()
        (folder / "a.bin").write_bytes(bytes(64))
        (folder / name).write_bytes(data)
        commands: list[tuple[object, ...]] = [("validate", folder / name)]
        if name == "saved_model.pb":
            commands = [("inspect", folder)]
        elif is_long and name != "record.json":
            commands.append(("inspect", folder / name, "--json"))
        for words in commands:
            answer = zoo(*words, home=home)
            try:
                refused(answer, codes=(0, 1, 3, 5))
            except AssertionError as error:
                raise AssertionError(f"{words[0]}: {name}, {case}") from error
            count += 1
    assert count >= (150 if is_long else 5)


def test_good_files_are_read(tmp_path: Path, home: Path) -> None:
    network = lab.Network(tmp_path).path
    network.with_suffix(".json").unlink()
    answers = [zoo(command, network, "--json", home=home) for command in ("inspect", "validate")]
    for answer in answers:
        refused(answer, codes=(0,))
    inspected, validated = (json.loads(answer.out) for answer in answers)
    assert "sigmoids" in [each["name"] for each in inspected["outputs"]]
    statuses = {check["id"]: check["status"] for check in validated["targets"][0]["checks"]}
    assert statuses["file-whole"] == statuses["run-completes"] == "passed"


def test_a_catalog_with_a_hostile_record_is_refused(
    is_long: bool, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    monkeypatch.setenv("ZOO_CATALOG", str(folder))
    for case, make in corpus.RECORDS.items():
        if is_long or case in FEW:
            (folder / "record.json").write_bytes(make())
            refused(zoo("ls", home=home), codes=(0, 5))


def test_a_pipe_a_device_a_folder_and_a_link_to_nothing_are_refused(
    commands: tuple[str, ...], tmp_path: Path, home: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.pb")
    (tmp_path / "folder.pb").mkdir()
    (tmp_path / "nothing.pb").symlink_to("nowhere")
    (tmp_path / "loop.pb").symlink_to("loop.pb")
    for path in ("pipe.pb", "folder.pb", "nothing.pb", "loop.pb", "/dev/zero", "x" * 5000 + ".pb"):
        for command in commands:
            refused(zoo(command, tmp_path / path, home=home), codes=(1, 3, 5))


def test_a_sparse_file_of_gigabytes_is_not_read(
    commands: tuple[str, ...], tmp_path: Path, home: Path
) -> None:
    for name in ("graph.pb", "record.json", "model.zip", "model.index"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**31 - 1)
        for command in commands:
            refused(zoo(command, tmp_path / name, home=home))


def test_a_checkpoint_of_one_value_under_many_names_does_not_grow(
    is_long: bool, tmp_path: Path, home: Path
) -> None:
    import numpy as np

    lines = ["x = Placeholder", "v0 = VariableV2", "y0 = Mul x v0"]
    for i in range(1, 400):
        lines += [f"v{i} = VariableV2", f"y{i} = Mul y{i - 1} v{i}"]
    graph = graphs.graph("\n".join(lines))
    for node in graph.node:
        if node.op == "VariableV2":
            node.attr["shared_name"].s = b"v0"
    graphs.save(graphs.checkpoint({"v0": np.zeros(1 << 22, np.float32)}, graph), tmp_path / "model")
    words = ("freeze", tmp_path / "model", "-o", tmp_path / "frozen.pb", "--node", "y399")
    answer = zoo(*words, "--json", home=home)
    refused(answer, codes=(5,))
    assert json.loads(answer.out)["error"]["type"] == "IntegrityError"
    assert not (tmp_path / "frozen.pb").exists()
