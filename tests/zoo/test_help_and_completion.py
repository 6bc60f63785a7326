"""What ``--help`` lists, what the shell is offered, and what is suggested for a wrong word."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT
from zoo import cli

Zoo = Callable[..., Any]
Complete = Callable[[str], list[str]]
COMMAND = [sys.executable, "-c", "from zoo.cli import main; main()"]
EXAMPLES = [example for group in cli.GROUPS.values() for _, example in group.values()]


@pytest.fixture
def complete(store_home: Path) -> Complete:
    """What bash offers for a line that is typed so far."""

    def complete(line: str) -> list[str]:
        words = line.split(" ")
        environment = {
            "PYTHONPATH": str(ROOT),
            "_ZOO_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        }
        ran = subprocess.run(COMMAND, env=os.environ | environment, capture_output=True, text=True)
        assert ran.returncode == 0 and not ran.stderr, ran.stderr
        return ran.stdout.splitlines()

    return complete


def test_commands_are_listed_in_groups_with_whole_sentences(zoo: Zoo) -> None:
    shown = zoo("--help").out
    places = [shown.index(f"\n{title}:\n") for title in cli.GROUPS]
    assert places == sorted(places)
    assert "..." not in shown.split("Run models:")[1]
    for name in (*cli.COMMANDS, "catalog"):
        assert f"\n  {name} " in shown


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_of_a_command_is_shown_and_understood(zoo: Zoo, example: str) -> None:
    _, command, *words = shlex.split(example)
    shown = " ".join(zoo(command, "--help").out.split())
    assert f"Example: {example}" in shown
    cli._command(command).commands[command].make_context(command, words)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("upgrade", "See: zoo --help"),
        ("sarch tempo", "Did you mean: zoo search"),
        ("xyz", "See: zoo --help"),
        ("ls --sort", "See: zoo ls --help"),
        ("catalog refresh", "See: zoo catalog --help"),
    ],
)
def test_only_what_is_nearly_sure_is_suggested(zoo: Zoo, words: str, hint: str) -> None:
    ran = zoo(*words.split())
    assert ran.code == 2 and ran.err.splitlines()[1:] == [f"  {hint}"]
    assert "Did" not in ran.err.splitlines()[0] and "Possible" not in ran.err


def test_a_near_option_is_suggested(zoo: Zoo) -> None:
    assert "(Possible options: --family)" in zoo("ls", "--famly", "x").err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("zoo pu", {"pull", "publish"}),
        ("zoo info msd-", {"msd-musicnn-1", "msd-vgg-1", "msd-msd-musicnn-1"}),
        ("zoo predict msd-musicnn-1 mtt-mus", {"mtt-musicnn-1"}),
        (
            "zoo predict msd-musicnn-1 --layer ",
            {
                *("predictions", "logits", "embeddings"),
                *("model/Sigmoid", "model/dense_1/BiasAdd", "model/dense/BiasAdd"),
            },
        ),
        ("zoo export msd-musicnn-1 --layers model/S", {"model/Sigmoid"}),
        ("zoo export msd-musicnn-1 --to ", {"tfjs", "onnx", "pb"}),
        ("zoo catalog up", {"update"}),
        ("zoo predict unknown --layer l", {"logits"}),
    ],
)
def test_the_shell_is_offered(complete: Complete, line: str, offered: set[str]) -> None:
    assert set(complete(line)) >= offered
    assert all(word.startswith(line.split(" ")[-1]) for word in complete(line))


def test_nothing_heavy_is_imported_to_complete(store_home: Path) -> None:
    """Nor for what is asked most often."""
    heavy = "{'numpy', 'rich', 'pydantic', 'requests', 'openvino', 'matplotlib'}"
    for words, settings in (
        (["ls"], {}),
        ([], {"_ZOO_COMPLETE": "complete_bash", "COMP_WORDS": "zoo predict m", "COMP_CWORD": "2"}),
    ):
        program = (
            f"import sys; sys.argv[1:] = {words}\nfrom zoo.cli import run\n"
            f"try: run()\nexcept SystemExit: pass\n"
            f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
        )
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | settings
        command = [sys.executable, "-c", program]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def test_bash_takes_the_script_and_asks_it(store_home: Path, tmp_path: Path) -> None:
    (tmp_path / "zoo").write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    (tmp_path / "zoo").chmod(0o755)
    script = (
        'eval "$(zoo --show-completion)"\nCOMP_WORDS=(zoo info msd-vgg)\nCOMP_CWORD=2\n'
        '_zoo_completion zoo\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    (tmp_path / "script").write_text(script)
    environment = {"PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    ran = subprocess.run(
        ["bash", str(tmp_path / "script")],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.split() == ["msd-vgg-1"], ran
