"""How quickly a network is looked into, and how much memory that takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.row import ZOO, Row, medians

SMALL = 3_000_000  # bytes of weights
LARGE = 300_000_000
LAYERS = 20

_PEAK = """
import resource, sys
from zoo import cli
sys.argv = ["zoo", *sys.argv[1:]]
code = cli.run()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def write(path: str, size: int) -> None:
    """Write a chain of dense layers whose weights have so many bytes."""
    import numpy as np

    from freeze.formats import tensors
    from freeze.formats.graphdef import serialize
    from freeze.formats.messages import GraphDef

    width = int((size / 4 / LAYERS) ** 0.5)
    graph = GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = 1
    before = "x"
    for layer in range(LAYERS):
        weights = np.random.default_rng(layer).random((width, width), np.float32)
        graph.node.append(tensors.constant(f"w{layer}", weights))
        graph.node.add(name=f"y{layer}", op="MatMul", input=[before, f"w{layer}"])
        before = f"y{layer}"
    Path(path).write_bytes(serialize(graph))


def _write_apart(path: Path, size: int) -> None:
    """Write it in another process: a child's peak of memory begins with its parent's."""
    program = f"from tests.bench.inspect import write; write({str(path)!r}, {size})"
    subprocess.run([sys.executable, "-c", program], check=True)


def _peak(*arguments: str) -> int:
    """The most memory that a command takes, in bytes."""
    command = [sys.executable, "-c", _PEAK, *arguments]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(ran.stderr.splitlines()[-1]) * 1024


def inspection() -> list[Row]:
    """Whole process of a 3 MB graph against the help; memory of a 300 MB graph."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ZOO_HOME"] = scratch
        path = Path(scratch) / "network.pb"
        _write_apart(path, SMALL)
        base, time = medians([[*ZOO, "--help"], [*ZOO, "inspect", "-q", str(path)]], rounds=9)
        small = _peak("--help")
        _write_apart(path, LARGE)
        large = _peak("inspect", "-q", str(path)) - small
        size = path.stat().st_size
    return [
        Row(
            "`zoo inspect` of a 3 MB graph",
            "`zoo --help`",
            time / base,
            "≤ 2",
            f"starting the program is {base / time:.0%}; the rest: protobuf, and reading the graph",
        ),
        Row(
            "memory of `zoo inspect` of 300 MB",
            "the file's size",
            large / size,
            "< 2.5",
            "the file, and the parsed graph, which has its own copy",
        ),
        *_against_tensorflow(),
    ]


def _against_tensorflow() -> list[Row]:
    """Where TensorFlow is installed: a graph looked into against its import alone."""
    from importlib.util import find_spec

    if find_spec("tensorflow") is None:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "network.pb"
        _write_apart(path, SMALL)
        load = [sys.executable, "-c", "import tensorflow"]
        base, time = medians([load, [*ZOO, "inspect", "-q", str(path)]], rounds=3)
    rest = "as above; TensorFlow is not imported"
    return [
        Row("`zoo inspect` of a 3 MB graph", "importing TensorFlow", time / base, "< 0.2", rest)
    ]
