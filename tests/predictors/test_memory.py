"""Long audio, each length in a process of its own: its peak of memory is what it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SLACK = 12 << 20  # bytes; the samples of an hour are 230 MB, its features 86 MB

PREDICT = """
import json, sys
from catalog.record import Record
from pathlib import Path
from predictors.model import Model
from predictors.predictor import Predictor

graph, file = map(Path, sys.argv[1:])
predictor = Predictor(Model(Record.load(graph.with_suffix(".json")), graph))
{found}
# Not getrusage: what that tells begins with the peak of the process that began this one.
with open("/proc/self/status") as status:
    peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
print(json.dumps([count, peak * 1024]))
"""
WHOLE = "count = len(predictor.predict(file).times)"
STREAM = """
from predictors.audio.decoding import read_pieces
stream = predictor.stream(16000)
count = sum(len(stream.feed(piece.samples)) for piece in read_pieces(file)) + len(stream.finish())
"""


def silence(path: Path, minutes: int) -> Path:
    """Write a WAV file of 16 kHz that holds nothing, not even on the disk."""
    size = minutes * 60 * 16000 * 2
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(b"")
    data = bytearray(path.read_bytes())
    data[4:8], data[40:44] = (size + 36).to_bytes(4, "little"), size.to_bytes(4, "little")
    with path.open("wb") as stream:
        stream.write(data)
        stream.truncate(len(data) + size)
    return path


def peak(found: str, file: Path, minutes: int, graph: Path) -> int:
    """The most memory that a process needs for a file, in bytes."""
    command = [sys.executable, "-c", PREDICT.format(found=found), str(graph), str(file)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # waiting threads cost the time
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    count, most = json.loads(ran.stdout)
    assert count == 1 + (1 + minutes * 60 * 16000 // 256 - 187) // 93
    return int(most)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
@pytest.mark.parametrize("found", [WHOLE, STREAM], ids=["file", "stream"])
def test_an_hour_needs_no_more_memory_than_ten_minutes(
    found: str, tiny: Any, tmp_path: Path
) -> None:
    short, long = (
        peak(found, silence(tmp_path / f"{length}.wav", length), length, tiny.path)
        for length in (10, 60)
    )
    assert long < short + SLACK
