"""Child processes: what they answer, and the ways in which they do not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.errors import NotFoundError
from freeze import child
from freeze.child import (
    Child,
    DeathError,
    GarbageError,
    ProgramError,
    TimeLimitError,
    ask,
)
from tests.support.waiting import is_alive, wait_for

PROGRAM = """\
import os, sys, time
from catalog.errors import NotFoundError
from freeze.child import limit, serve

def answer(request):
    if "limit" in request:
        limit(request["limit"], cores=1)
        return {"cores": len(os.sched_getaffinity(0)), "bytes": len(bytearray(request["bytes"]))}
    exec(request["do"])
    return {"pid": os.getpid(), "environment": os.environ.get("GREETING")}

serve(answer)
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a module that does in its process whatever it is told."""
    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{Path(child.__file__).parents[1]}")
    return "program"


def test_one_process_answers_several_requests(program: str) -> None:
    with Child(program, {"GREETING": "hello"}) as process:
        answers = [process.ask({"do": ""}), process.ask({"do": ""}, seconds=60)]
    assert answers == [{"pid": process.process.pid, "environment": "hello"}] * 2


def test_what_libraries_print_is_no_answer(program: str) -> None:
    assert ask(program, {"do": "print('{}'); os.write(1, b'noise\\n')"})["pid"]


def test_an_error_of_the_program_is_told_and_it_lives_on(program: str) -> None:
    with Child(program) as process:
        with pytest.raises(ProgramError) as told:
            process.ask({"do": "raise ValueError('\\n  no such thing\\nmore')"})
        assert told.value.message == "ValueError: no such thing"
        assert process.ask({"do": ""})["pid"] == process.process.pid


def test_an_error_of_zoo_arrives_as_itself(program: str) -> None:
    with pytest.raises(NotFoundError) as told:
        ask(program, {"do": "raise NotFoundError('No node.', 'It is not there.', 'zoo inspect')"})
    assert (told.value.why, told.value.hint) == ("It is not there.", "zoo inspect")


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("os.kill(os.getpid(), 9)", "It was killed by signal 9"),
        ("sys.exit('gone')", "It ended without an answer: gone"),
        ("os._exit(3)", "It ended without an answer: exit code 3"),
    ],
)
def test_a_death_is_told(program: str, does: str, told: str) -> None:
    with pytest.raises(DeathError) as death:
        ask(program, {"do": does})
    assert death.value.message.startswith(told)


def test_a_module_that_is_not_there_is_a_death() -> None:
    with pytest.raises(DeathError, match="No module named"):
        ask("no_such_module", {})


def test_a_process_that_takes_too_long_is_stopped(program: str) -> None:
    with Child(program) as process:
        with pytest.raises(TimeLimitError):
            process.ask({"do": "time.sleep(600)"}, seconds=0.5)
        assert process.process.poll() is not None


@pytest.mark.parametrize("line", ["no JSON", "[1]", "7", "{}", '{"error": "NoSuchError"}'])
def test_garbage_is_no_answer(tmp_path: Path, line: str) -> None:
    (tmp_path / "garbage.py").write_text(f"input(); print({line!r}, flush=True); input()")
    with pytest.raises(GarbageError):
        ask("garbage", {})


def test_no_process_is_left_after_an_answer(program: str) -> None:
    assert not is_alive(ask(program, {"do": ""})["pid"])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of a parent's death")
def test_a_child_dies_with_its_parent(program: str, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    does = f"open({str(pid)!r} + '.new', 'w').write(str(os.getpid())); "
    does += f"os.rename({str(pid)!r} + '.new', {str(pid)!r}); time.sleep(600)"
    script = f"from freeze.child import ask; ask({program!r}, {{'do': {does!r}}})"
    parent = subprocess.Popen([sys.executable, "-c", script])
    wait_for(lambda: pid.exists() or parent.poll() is not None)
    orphan = int(pid.read_text())
    assert is_alive(orphan)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_alive(orphan))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")
def test_memory_and_processors_are_limited_where_asked(program: str) -> None:
    assert ask(program, {"limit": 2 << 30, "bytes": 1 << 20}) == {"cores": 1, "bytes": 1 << 20}
    with pytest.raises(ProgramError, match="reached its limit of memory"):
        ask(program, {"limit": 200 << 20, "bytes": 1 << 30})
