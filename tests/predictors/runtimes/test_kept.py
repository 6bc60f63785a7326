"""Networks that were compiled once: taken up only whole, and only where a digest vouches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from catalog.record import Record
from catalog.store import Store
from freeze.network_file import runnable
from predictors.model import Model
from predictors.runtimes import graph, kept, notes, openvino_engine
from tests.support import convolutional

PATCH = (187, 96)


@pytest.fixture(autouse=True)
def compilations(monkeypatch: pytest.MonkeyPatch, store_home: Path) -> list[tuple[int, ...]]:
    """The shapes that networks were compiled for, in an empty store."""
    shapes: list[tuple[int, ...]] = []
    frozen = openvino_engine._frozen

    def counted(graph: Any, outputs: Any, fed: dict[str, tuple[int, ...]]) -> Any:
        shapes.extend(fed.values())
        return frozen(graph, outputs, fed)

    monkeypatch.setattr(openvino_engine, "_frozen", counted)
    monkeypatch.setattr(notes, "_made", {})
    # Batches of several patches: rows need no trial.
    monkeypatch.setattr(openvino_engine, "threads", 4)
    return shapes


def _run(tiny: Any, node: str = "sigmoids", vouched: bool = True) -> Any:
    model = Model(Record(tiny.record), tiny.path)
    model.vouched = frozenset([model.file.sha256] * vouched)
    patches = np.random.default_rng(3).random((4, *PATCH), np.float32)
    return model.network(model.graph(node), PATCH)(patches)[0]


def _files() -> list[Path]:
    folder = Store.default().home / kept.FOLDER
    return sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def test_what_was_compiled_is_taken_up_and_computes_the_same(
    tiny: Any, compilations: list[Any]
) -> None:
    first = _run(tiny)
    assert len(compilations) == 1
    np.testing.assert_array_equal(_run(tiny), first)
    assert len(compilations) == len(_files()) == 1
    _run(tiny, "embeddings")
    assert len(compilations) == len(_files()) == 2


def test_the_graph_of_one_that_is_kept_is_read_once(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    pruned = graph.pruned

    def counted(file: Any, record: Any, outputs: Any) -> Any:
        read.extend(outputs)
        return pruned(file, record, outputs)

    monkeypatch.setattr(graph, "pruned", counted)
    first = _run(tiny)
    np.testing.assert_array_equal(_run(tiny), first)
    assert read == ["sigmoids"]
    _run(tiny, "embeddings")
    assert read == ["sigmoids", "embeddings"]
    for note in (Store.default().home / notes.TRIED).iterdir():
        note.write_text('["damaged')
    notes._made.clear()  # as in another process
    np.testing.assert_array_equal(_run(tiny), first)
    assert read == ["sigmoids", "embeddings", "sigmoids"]


def test_a_note_tells_what_reading_the_graph_tells(tiny: Any) -> None:
    found = Model(Record(tiny.record), tiny.path).graph("sigmoids")
    for _ in range(2):
        model = Model(Record(tiny.record), tiny.path)
        model.vouched = frozenset([model.file.sha256])
        noted = model.graph("sigmoids")
        assert noted.key() == found.key() and noted.shape == found.shape
        assert noted.definition == found.definition
    assert isinstance(noted, graph.NotedGraph)


def test_the_parts_of_one_whose_patches_overlap_are_kept(
    tmp_path: Path, compilations: list[Any]
) -> None:
    file = runnable(convolutional.musicnn(tmp_path))
    patches = sliding_window_view(np.random.default_rng(4).random((500, 96), np.float32), 187, 0)
    found = []
    for hop in (40, 40, 62):
        model = Model(Record.load(file.path.with_suffix(".json")), file, vouched=[file.sha256])
        network = model.overlapping(model.graph("tags"), PATCH, 1, hop)
        assert network
        found.append(network.begin()(patches[::hop].swapaxes(1, 2))[0])
        # The edges and the second part are the same for all hops.
        assert len(compilations) == len(_files()) == (4 if hop == 40 else 5)
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-9] + bytes(9)])
def test_one_that_is_damaged_is_compiled_anew(
    damage: Any, tiny: Any, compilations: list[Any]
) -> None:
    first = _run(tiny)
    (path,) = _files()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    np.testing.assert_array_equal(_run(tiny), first)
    assert len(compilations) == 2
    assert len(path.read_bytes()) == len(whole)


def test_one_that_nobody_vouches_for_is_neither_kept_nor_taken_up(
    tiny: Any, compilations: list[Any]
) -> None:
    _run(tiny)
    _run(tiny, vouched=False)
    assert len(compilations) == 2
    kept.discard(Store.default())
    _run(tiny, vouched=False)
    assert not _files()


def test_what_was_not_used_for_longest_goes_first(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(tiny)
    _run(tiny, "embeddings")
    first, second = _files()
    os.utime(first, ns=(1, 1))
    os.utime(second, ns=(2, 2))
    _run(tiny)  # uses the first again
    monkeypatch.setattr(kept, "MOST", 2 * first.stat().st_size + 1000)
    _run(tiny, "logits")
    assert first in _files() and second not in _files()


def test_a_store_that_cannot_be_written_to_is_no_reason(
    tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "file"))
    assert _run(tiny).shape == (4, 2)
