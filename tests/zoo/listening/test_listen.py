from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.support import ROOT, lab
from zoo.listening import sound

Run = Callable[..., Any]

MICROPHONE = """
import numpy as np

class PortAudioError(Exception):
    pass

def query_devices(kind):
    return {"default_samplerate": 16000.0}

class InputStream:
    def __init__(self, rate, channels, dtype, callback):
        assert (rate, channels, dtype) == (16000, 1, "float32")
        self.callback = callback

    def __enter__(self):
        block = np.empty((1600, 1), np.float32)  # reused, as PortAudio does
        for samples in np.load("heard.npy").reshape(-1, 1600, 1):
            block[:] = samples
            self.callback(block, len(block), None, None)

    def __exit__(self, *error):
        pass
"""


@pytest.fixture
def run(zoo: Run, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``zoo listen tiny.pb``, with a clock that only sleep moves on."""
    monkeypatch.chdir(tmp_path)
    clock = SimpleNamespace(now=100.0, slept=0.0)

    def sleep(seconds: float) -> None:
        clock.now += seconds
        clock.slept += seconds

    monkeypatch.setattr(sound, "monotonic", lambda: clock.now)
    monkeypatch.setattr(sound, "sleep", sleep)

    def listen(*words: object) -> Any:
        return zoo("listen", "tiny.pb", *words)

    listen.clock = clock  # type: ignore[attr-defined]
    return listen


@pytest.fixture
def listening(tiny: Any, tmp_path: Path, store_home: Path) -> Callable[..., Any]:
    """Start ``zoo listen tiny.pb`` in a process of its own, which may use a microphone."""

    def start(*words: str) -> Any:
        command = [sys.executable, "-c", "from zoo.cli import main; main()", "listen", "tiny.pb"]
        return subprocess.Popen(
            [*command, *words],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    return start


def import_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``sounddevice`` be what lies in this folder, and forget it afterwards."""
    monkeypatch.syspath_prepend(".")
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    del sys.modules["sounddevice"]


def test_every_prediction_is_a_line_and_the_mean_comes_last(run: Run, song: str) -> None:
    ran = run(song)
    lines = ran.out.splitlines()
    assert ran.code == 0
    assert [float(line.split()[0]) for line in lines[:8]] == pytest.approx(
        [i * 93 / 62.5 for i in range(8)], abs=1e-3
    )
    assert lines[8] == "song.wav  14.0 s, 8 patches, tiny"
    assert "real-time factor" in ran.err


def test_a_file_is_heard_in_real_time(run: Run, song: str) -> None:
    run(song)
    assert run.clock.slept == pytest.approx(14)  # type: ignore[attr-defined]


def test_what_is_heard_is_what_is_predicted(run: Run, zoo: Run, song: str) -> None:
    heard = run(song, "--json").document
    (one,) = heard["results"]
    (other,) = zoo("predict", "tiny.pb", song, "--json").document["results"]
    assert one.keys() == other.keys()
    assert one["times"] == other["times"]
    np.testing.assert_allclose(one["mean"], other["mean"], atol=1e-5)
    assert [row["class"] for row in one["top"]] == [row["class"] for row in other["top"]]
    assert set(heard["latency"]) == {"mean", "max"}
    assert heard["real_time_factor"] > 0


def test_raw_samples_come_from_stdin(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zoo: Run
) -> None:
    stereo = np.stack([lab.impulses(22050), lab.impulses(22050) / 2], axis=1)
    raw = (stereo * 32767).astype("<i2")
    Path("raw").write_bytes(raw.tobytes() + b"\0")
    with Path("raw").open("rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        (heard,) = run(
            "--stdin", "--rate", 22050, "--channels", 2, "--patch-hop", 31, "--json"
        ).document["results"]
    lab.audio(tmp_path / "stereo.wav", raw.astype(np.int16), 22050)
    (file,) = zoo("predict", "tiny.pb", "stereo.wav", "--patch-hop", 31, "--json").document[
        "results"
    ]
    assert heard["times"] == file["times"]
    np.testing.assert_allclose(heard["mean"], file["mean"], atol=1e-5)


def test_on_a_terminal_bars_are_drawn_over_each_other(
    run: Run, song: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"TERM": "xterm", "FORCE_COLOR": "1", "COLUMNS": "80", "LINES": "5"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda self: True, raising=False)
    ran = run(song)
    assert ran.code == 0
    assert "listening; the model needs 2.96 s" in ran.out
    assert ran.out.count("loud") >= 8
    assert "\033[1A" in ran.out  # up, to draw again
    assert "█" in ran.out
    assert "latency" in ran.out


@pytest.mark.slow
def test_ctrl_c_ends_the_microphone_as_it_should_end(
    listening: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "sounddevice.py").write_text(MICROPHONE)
    np.save(tmp_path / "heard.npy", lab.impulses(16000))
    with listening("--top", "1") as process:
        lines = [process.stdout.readline() for _ in range(8)]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [round(float(line.split()[0]) * 62.5) for line in lines] == [i * 93 for i in range(8)]
    assert re.match(r"microphone  1\d\.\d s, 8 patches, tiny\n", out.decode())
    assert b"Traceback" not in err


@pytest.mark.slow
def test_ctrl_c_interrupts_what_would_have_ended_by_itself(listening: Callable[..., Any]) -> None:
    with listening("--stdin", "--rate", "16000") as process:
        process.stdin.write((lab.impulses(16000) * 32767).astype("<i2").tobytes())
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().splitlines() == ["error: Interrupted."]


def test_a_microphone_that_says_nothing_is_gone(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("sounddevice.py").write_text(MICROPHONE)
    np.save("heard.npy", np.zeros(0, np.float32))
    import_here(monkeypatch)
    monkeypatch.setattr(sound, "PATIENCE", 0.01)
    ran = run()
    assert ran.code == 3
    assert "The microphone was disconnected" in ran.err


@pytest.mark.parametrize(
    ("module", "code", "said"),
    [
        ("raise ImportError", 6, "pip install 'audiozoo[listen]'"),
        ("raise OSError('PortAudio library not found')", 6, "apt install libportaudio2"),
        (
            MICROPHONE.replace("return {", "raise PortAudioError('Error querying device -1')\n#"),
            3,
            "zoo listen tiny.pb song.mp3",
        ),
    ],
)
def test_without_a_microphone_it_says_what_is_missing(
    module: str, code: int, said: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("sounddevice.py").write_text(module)
    import_here(monkeypatch)
    ran = run()
    assert ran.code == code
    assert said in ran.err


def test_too_little_sound_is_an_error(run: Run, tmp_path: Path) -> None:
    lab.audio(tmp_path / "short.wav", lab.sine(16000)[:16000], 16000)
    ran = run("short.wav")
    assert ran.code == 1
    assert "Only 1.00 s were heard." in ran.err
    assert run("short.wav", "--json").document["error"]["type"] == "AudioError"


def test_silence_is_told(run: Run, tmp_path: Path) -> None:
    lab.audio(tmp_path / "silence.wav", np.zeros(64000), 16000)
    assert "Only silence was heard" in run("silence.wav").err


def test_a_model_for_normalised_clips_says_so(
    run: Run, zoo: Run, tmp_path: Path, song: str
) -> None:
    network = lab.Network(tmp_path, "fsd", (-1, 101, 96, 1))
    network.record["inference"] = {"algorithm": "TensorflowPredictFSDSINet"}
    network.record["schema"] = {"outputs": [{"name": "input", "output_purpose": "predictions"}]}
    network.path.with_suffix(".json").write_text(json.dumps(network.record))
    ran = zoo("listen", "fsd.pb", song)
    assert ran.code == 0
    assert "note: fsd is meant for whole clips, normalised" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--stdin", "song.wav"], 2),
        (["song.wav", "--rate", "8000"], 2),
        (["song.wav", "--patch-hop", "0"], 2),
        (["nothing.wav"], 3),
        (["tiny.pb"], 1),
    ],
)
def test_wrong_use_is_refused(words: list[str], code: int, run: Run, song: str) -> None:
    ran = run(*words)
    assert ran.code == code
    assert ran.err.startswith("error: ")
