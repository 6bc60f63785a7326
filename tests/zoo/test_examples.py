"""The examples in the docstrings of what is public run, and say what they show."""

from __future__ import annotations

import doctest
import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import zoo
from catalog import hints
from freeze import with_tensorflow
from tests.support import graphs, lab

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted({getattr(zoo, name).__module__ for name in zoo.__all__} | {"zoo", hints.__name__})
FUNCTIONS = [name for name in zoo.__all__ if not name.endswith("Error")]
CHECKPOINT = """
    input = Placeholder
    kernel = VariableV2
    kernel/read = Identity kernel
    dense = MatMul input kernel/read
    sigmoids = Sigmoid dense
"""


@pytest.fixture
def workplace(tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """``tiny.pb`` and ``twin.pb`` with their records, ``song.wav``, ``checkpoint/model``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    monkeypatch.setattr(with_tensorflow, "is_installed", lambda: False)
    for name in ("tiny", "twin"):
        network = lab.Network(tmp_path, name)
        record = network.record | {"type": "auto-tagging", "description": "A tiny tagger."}
        record |= {"framework": "tensorflow", "author": "The lab"}
        record["zoo"] = {"id": name, "kind": "extractor", "license": "CC-BY-4.0"}
        record["schema"]["inputs"][0]["shape"] = [187, 96]
        network.path.with_suffix(".json").write_text(json.dumps(record))
    lab.audio(tmp_path / "song.wav", lab.impulses(16000), 16000)
    lab.sounds(tmp_path / "sounds")
    (tmp_path / "checkpoint").mkdir()
    graph = graphs.graph(CHECKPOINT.rstrip())
    for size in (-1, 3):
        graph.node[0].attr["shape"].shape.dim.add(size=size)
    files = graphs.checkpoint({"kernel": np.eye(3, dtype=np.float32)}, graph)
    graphs.save(files, "checkpoint/model")
    return tmp_path


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.usefixtures("workplace")
def test_the_examples_of_a_module_run(module: str) -> None:
    examples = {"zoo": zoo, "in_python": hints.in_python}
    found = doctest.DocTestFinder(exclude_empty=True).find(import_module(module), globs=examples)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    said: list[str] = []
    for test in found:
        runner.run(test, out=said.append)
    assert not runner.summarize(verbose=False).failed, "".join(said)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_public_has_an_example(name: str) -> None:
    public = getattr(zoo, name)
    assert any(test.examples for test in doctest.DocTestFinder().find(public, name))
