"""The harness of the browser tests: what a page returns, and what makes a test fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import ROOT

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("script.mjs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    page = '<!doctype html><link rel="icon" href="data:,"><title>A page</title><p>here'
    (folder / "index.html").write_text(page)
    return folder


def test_a_page_is_served_and_a_picture_of_it_taken(browser: Any, folder: Path) -> None:
    shot = ROOT / "build" / "screenshots" / "harness.png"
    shot.unlink(missing_ok=True)

    value = browser.run(
        SCRIPT,
        folder,
        args={"path": "index.html", "code": "[document.title, innerWidth]", "shot": "harness"},
        context={"viewport": {"width": 520, "height": 844}},
    )

    assert value == ["A page", 520]
    assert shot.read_bytes().startswith(b"\x89PNG")


FAULTS = {
    "broken": "setTimeout(() => { throw new Error('broken') })",
    "forgotten": "Promise.reject(new Error('forgotten'))",
    "a complaint": "console.error('a complaint')",
}
REQUESTS = {"elsewhere.invalid": "fetch('https://elsewhere.invalid/x.js').catch(() => 0)"}
FAILURES = {
    "127.0.0.1:9": "new Image().src = 'http://127.0.0.1:9/pixel.png'",
    "404": "fetch('/missing.json')",
}


def test_a_page_that_complains_or_asks_others_is_told_on(browser: Any, folder: Path) -> None:
    faults = FAULTS
    if browser.name != "webkit":  # whose driver does not see the network
        faults = faults | REQUESTS
    if browser.name == "chromium":  # alone tells these
        faults = faults | FAILURES
    said = ";".join(faults.values())
    code = f"new Promise((done) => {{ {said}; setTimeout(done, 500) }})"

    with browser.serving(folder) as url:
        _, problems = browser.complaints(SCRIPT, url, args={"path": "index.html", "code": code})
    missed = [fault for fault in faults if not any(fault in problem for problem in problems)]
    assert not missed


def test_one_complaint_fails_the_test(browser: Any, folder: Path) -> None:
    args = {"path": "index.html", "code": "console.error('a complaint')"}

    with pytest.raises(AssertionError, match="a complaint"):
        browser.run(SCRIPT, folder, args=args)


def test_a_file_can_be_opened_without_a_server(browser: Any, folder: Path) -> None:
    args = {"path": (folder / "index.html").as_uri(), "code": "location.protocol"}

    assert browser.visit(SCRIPT, args=args) == "file:"


HEARING = """(async () => {
    const processing = { echoCancellation: false, noiseSuppression: false };
    const audio = { ...processing, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    while (!(Math.max(...bins) > -70 && Math.max(...bins) < 0)) {
        await new Promise((done) => setTimeout(done, 50));
        analyser.getFloatFrequencyData(bins);
    }
    const top = bins.indexOf(Math.max(...bins));
    return (top * context.sampleRate) / 2 / bins.length;
})()"""


def test_the_microphone_hears_a_file(chromium: Any, folder: Path, tmp_path: Path) -> None:
    import soundfile

    wav = tmp_path / "tone.wav"
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)
    soundfile.write(wav, tone, 48_000, "PCM_16")

    args = {"path": "index.html", "code": HEARING}
    assert chromium.run(SCRIPT, folder, args=args, microphone=wav) == pytest.approx(1000, abs=50)


def test_the_microphone_hears_something(browser: Any, folder: Path) -> None:
    args = {"path": "index.html", "code": HEARING}
    assert browser.run(SCRIPT, folder, args=args, microphone=True) is not None


def test_webgl_works_without_a_graphics_card(browser: Any, folder: Path) -> None:
    code = "!!document.createElement('canvas').getContext('webgl2')"

    args = {"path": "index.html", "code": code}
    assert browser.run(SCRIPT, folder, args=args)
