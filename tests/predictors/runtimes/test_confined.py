"""Networks from anywhere: tried out within limits, and kept there where that is not enough."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NoError, UsageError
from catalog.record import Record
from catalog.store import Store
from freeze import limits
from freeze.formats import graphdef, tensors
from freeze.formats.messages import GraphDef
from freeze.graph.dependence import depends_on_data
from predictors.model import Model
from predictors.predictor import Predictor
from predictors.runtimes import confined, notes, openvino_engine
from predictors.runtimes.graph import PrunedGraph
from tests.support import lab
from tests.support.waiting import is_alive, wait_for

PATCH = (187, 96)


@pytest.fixture(autouse=True)
def nothing_was_tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(notes, "_made", {})
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The child processes that were started."""
    processes: list[Any] = []

    class Counted(confined.Child):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            processes.append(self.process)

    monkeypatch.setattr(confined, "Child", Counted)
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def _model(tiny: Any, **vouched: Any) -> Model:
    return Model(Record(tiny.record), tiny.path, **vouched)


def _run(model: Model, node: str = "sigmoids", count: int = 2) -> Any:
    patches = np.random.default_rng(3).random((count, *PATCH), np.float32)
    return model.network(model.graph(node), PATCH)(patches)[0]


def test_a_network_is_tried_out_once_and_noted(tiny: Any, started: list[Any]) -> None:
    expected = _run(_model(tiny, vouched=[_model(tiny).file.sha256]))
    assert not started
    np.testing.assert_allclose(_run(_model(tiny)), expected, atol=1e-6)
    assert len(started) == 1
    np.testing.assert_allclose(_run(_model(tiny)), expected, atol=1e-6)
    notes._made.clear()  # as in another process
    np.testing.assert_allclose(_run(_model(tiny)), expected, atol=1e-6)
    assert len(started) == 1
    for note in (Store.default().home / notes.TRIED).iterdir():
        note.unlink()
    notes._made.clear()
    _run(_model(tiny))
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_what_was_tried_with_less_vouches_for_nothing_else(
    tiny: Any, started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(_model(tiny))
    _run(_model(tiny), "embeddings")
    monkeypatch.setenv("ZOO_MEMORY", "2G")
    _run(_model(tiny))
    assert len(started) == 3


def test_a_store_that_cannot_be_written_to_is_no_reason(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    assert _run(_model(tiny)).shape == (2, 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits memory")
def test_one_whose_values_decide_its_size_stays_in_the_child(tiny: Any, started: list[Any]) -> None:
    lab.deciding(tiny)
    model = _model(tiny)
    network = model.network(model.graph("more"), PATCH, batch=1)
    small = np.full((1, *PATCH), 0.5, np.float32)
    (first,) = network(small)
    with pytest.raises(NoError, match="did not come to an end"):
        network(np.full((1, *PATCH), 1.9, np.float32))
    np.testing.assert_array_equal(network(small)[0], first)
    assert not (Store.default().home / notes.TRIED).exists()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_size_below_zero_never_gives_the_values_of_another_batch(
    tiny: Any, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large for 32 bits, the size that the values make turns round."""
    lab.deciding(tiny)
    monkeypatch.setattr(openvino_engine, "threads", threads)
    model = _model(tiny)
    network = model.network(model.graph("more"), PATCH, batch=1)
    (first,) = network(np.full((1, *PATCH), 0.5, np.float32))
    try:
        (found,) = network(np.full((1, *PATCH), 4.2, np.float32))
        assert np.isnan(found).all()
    except NoError as error:
        assert "did not come to an end" in error.message
    np.testing.assert_array_equal(network(np.full((1, *PATCH), 0.5, np.float32))[0], first)


def test_a_network_that_takes_too_long_is_refused(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.01)
    monkeypatch.setattr(limits, "SECONDS_A_MEGABYTE", 0)
    monkeypatch.setattr(limits, "IMPORTS", 0)
    with pytest.raises(IntegrityError, match="within its limits") as refused:
        _run(_model(tiny))
    assert "in time" in refused.value.why


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits memory")
def test_a_network_that_wants_more_memory_is_refused(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_MEMORY", "50M")
    with pytest.raises(IntegrityError, match="within its limits") as refused:
        _run(_model(tiny))
    assert refused.value.exit_code == 5
    assert re.fullmatch(
        r"It reached its limit of memory, \d\d MB; ZOO_MEMORY moves it.", refused.value.why
    )


@pytest.mark.parametrize(
    ("text", "bytes"), [("", 900_000_000), ("1000", 900), ("2k", 1800), ("1.5G", 1_350_000_000)]
)
def test_memory_is_given_in_bytes_or_larger_units(
    text: str, bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_MEMORY", text)
    assert limits.memory(0) == bytes


@pytest.mark.parametrize("text", ["much", "-1", "1T", "1e9", "9" * 5000])
def test_memory_that_is_no_number_is_told(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOO_MEMORY", text)
    with pytest.raises(UsageError, match="ZOO_MEMORY"):
        limits.memory(0)


def test_a_network_that_gives_no_numbers_is_refused(tiny: Any) -> None:
    graph = graphdef.read(tiny.path)
    damaged = np.array([np.nan, np.nan], np.float32)
    graph.node.append(tensors.constant("damaged", damaged))
    added = graph.node.add(name="sum", op="Add", input=["logits", "damaged"])
    added.attr["T"].type = 1
    graphdef.by_name(graph)["sigmoids"].input[0] = "sum"
    tiny.path.write_bytes(lab.serialize(graph))
    with pytest.raises(IntegrityError, match="gives no numbers"):
        Predictor(_model(tiny)).predict(lab.sine(16000))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has such a signal")
def test_no_child_outlives_the_process_that_started_it(tiny: Any, tmp_path: Path) -> None:
    """Killed while the child is at work, which is made to sleep in its trial."""
    program = f"""
import sys, time
from pathlib import Path
from catalog.record import Record
from predictors.model import Model
from predictors.runtimes import confined
class Told(confined.Child):
    def ask(self, *arguments):
        print(self.process.pid, flush=True)
        time.sleep(600)
confined.Child = Told
model = Model(Record({tiny.record!r}), Path({str(tiny.path)!r}))
model.network(model.graph("sigmoids"), (187, 96))
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(child))


def _graph(*nodes: tuple[str, str, list[str]]) -> Any:
    graph = GraphDef()
    for name, op, inputs in nodes:
        graph.node.add(name=name, op=op, input=inputs)
    return graph


X = ("x", "Placeholder", [])
C = ("c", "Const", [])


@pytest.mark.parametrize(
    ("depends", "nodes"),
    [
        (False, [X, C, ("y", "Conv2D", ["x", "c"])]),
        (False, [X, ("s", "Shape", ["x"]), ("y", "Reshape", ["x", "s"])]),
        (False, [X, C, ("y", "Fill", ["c", "x"])]),
        (True, [X, C, ("y", "Fill", ["x", "c"])]),
        (True, [X, C, ("y", "Reshape", ["c", "x"])]),
        (True, [X, ("m", "ArgMax", ["x", "x"]), ("y", "Identity", ["m"])]),
        (True, [X, ("y", "Where", ["x"])]),
        (True, [X, ("w", "Where", ["x"]), ("s", "Shape", ["w"]), ("y", "Fill", ["s", "s"])]),
        (True, [X, C, ("y", "While", ["c", "x"])]),
        (True, [X, C, ("y", "Switch", ["c", "x"])]),
        (True, [X, C, ("y", "Loop", ["c", "x"])]),
        (True, [C, ("r", "RandomUniform", ["c"]), ("y", "Fill", ["r", "c"])]),
        (True, [X, ("y", "NewestOperation", ["x"])]),
        (False, [X, ("w", "Where", ["x"]), ("y", "Relu", ["x"])]),
    ],
)
def test_what_depends_on_data_is_told_from_what_depends_on_shapes(
    depends: bool, nodes: list[tuple[str, str, list[str]]]
) -> None:
    assert depends_on_data(_graph(*nodes), ["y"]) is depends


def test_the_networks_of_the_catalogs_families_do_not_depend_on_data(tiny: Any) -> None:
    model = _model(tiny)
    graph = model.graph("sigmoids", "embeddings")
    assert isinstance(graph, PrunedGraph)
    assert not depends_on_data(graph.definition, graph.outputs)
