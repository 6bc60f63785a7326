"""The web engine in a real browser, against what Python says of the same audio."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from catalog.index import catalog
from catalog.record import Record
from predictors.audio.decoding import read
from predictors.model import Model
from predictors.predictor import Predictor
from tests.support import ROOT, convolutional, lab
from tests.support.browsers import ISOLATED
from tests.support.observed import Observed

Publish = Callable[..., str]

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).with_name("engine.mjs")


@pytest.fixture
def tiny(tmp_path: Path) -> Predictor:
    """A small tagger with MusiCNN's front-end."""
    network = lab.Network(tmp_path)
    return Predictor(Model(Record(network.record), network.path))


def music(rate: int, seconds: float = 4.0) -> NDArray[np.float32]:
    """Chords over noise, in stereo [shape=(samples, 2)]."""
    times = np.arange(int(rate * seconds)) / rate
    notes = 220 * 2 ** (np.array([0, 4, 7, 12]) / 12) * (1 + np.floor(times * 2)[:, None] / 8)
    chords = np.sin(2 * np.pi * notes * times[:, None]).sum(axis=1) / 8
    noise = np.random.default_rng(rate).normal(0, 0.05, (2, len(times)))
    return np.asarray((chords + noise).T, np.float32)


def compare(said: dict[str, Any], predictor: Predictor, path: Path, tolerance: float) -> None:
    """Hold that a page said what Python says."""
    expected = predictor.predict(path)
    rows = np.asarray(said["rows"])
    np.testing.assert_allclose(rows.ravel(), expected.activations.ravel(), atol=tolerance)
    np.testing.assert_allclose(said["times"], np.unique(expected.times), atol=1e-9)


@pytest.mark.shared
def test_files_are_tagged_as_in_python(
    chromium: Any, site: Path, publish: Publish, shared: Path
) -> None:
    record = catalog().find("msd-musicnn-1")
    predictor = Predictor(Model(record, shared / "models/msd-musicnn-1.pb"))
    sounds = shared / "goldens/audio"
    slow = read(sounds / "dubstep.wav").resampled(16000).samples
    lab.audio(site / "dubstep-16000.wav", slow, 16000)
    files = ["dubstep.wav", "flamenco.mp3", "359628__mtg__sax-tenor-d-minor.wav"]
    for name in files:
        (site / name).symlink_to(sounds / name)
    files.insert(0, "dubstep-16000.wav")
    args = {"task": "predict", "model": publish(predictor), "files": files}

    for name, said in zip(files, chromium.run(SCRIPT, site, args=args), strict=True):
        compare(said, predictor, site / name, 1e-5 if "16000" in name else 1e-3)
        expected = predictor.predict(site / name)
        np.testing.assert_allclose(said["mean"], expected.mean(), atol=1e-4)
        assert said["classes"] == list(expected.classes)
        assert said["top"][0]["name"] == expected.top(1)[0][0]


FAMILIES = {
    "TensorflowPredictVGGish": (96, 64),
    "TensorflowPredictFSDSINet": (101, 96, 1),
    "TempoCNN": (40, 256, 1),
    "TensorflowPredictMAEST": (316, 96),
}


@pytest.mark.parametrize("algorithm", FAMILIES)
def test_each_front_end_gives_the_features_of_python(
    algorithm: str, chromium: Any, site: Path, publish: Publish, tmp_path: Path
) -> None:
    shape = (-1, *FAMILIES[algorithm])
    path = lab.reducer(tmp_path, shape, 2, "mean")
    schema = {"outputs": [{"name": "output", "output_purpose": "embeddings"}]}
    document = {"schema": schema, "inference": {"algorithm": algorithm}, "zoo": {"id": "mean"}}
    predictor = Predictor(Model(Record(document), path))
    wav = lab.audio(site / "music.wav", music(44100, 13.0), 44100)
    args = {"task": "predict", "model": publish(predictor), "files": [wav.name]}

    (said,) = chromium.run(SCRIPT, site, args=args | {"options": {"layer": "embeddings"}})
    expected = predictor.predict(wav, layer="embeddings").activations.ravel()
    np.testing.assert_allclose(np.ravel(said["rows"]), expected, atol=1e-3)


def test_a_head_and_its_extractor_are_one_model(
    tiny: Predictor, chromium: Any, site: Path, publish: Publish, tmp_path: Path
) -> None:
    head = lab.Head(tmp_path, "tiny")
    predictor = Predictor(Model(Record(head.record), head.path, tiny.model))
    wav = lab.audio(site / "music.flac", music(48000), 48000)
    args = {"task": "predict", "model": publish(predictor), "files": [wav.name]}

    (said,) = chromium.run(SCRIPT, site, args=args)
    compare(said, predictor, wav, 1e-3)
    assert said["classes"] == ["score"]


def test_models_are_asked_together(
    tiny: Predictor, chromium: Any, site: Path, publish: Publish, tmp_path: Path
) -> None:
    heads = [lab.Head(tmp_path, "tiny", name) for name in ("head", "other")]
    asked = [Predictor(Model(Record(each.record), each.path, tiny.model)) for each in heads]
    shape = (-1, *FAMILIES["TensorflowPredictVGGish"])
    path = lab.reducer(tmp_path, shape, 2, "mean")
    schema = {"outputs": [{"name": "output", "output_purpose": "predictions"}]}
    document = {"schema": schema, "inference": {"algorithm": "TensorflowPredictVGGish"}}
    vggish = Predictor(Model(Record({**document, "zoo": {"id": "mean"}}), path))
    wav = lab.audio(site / "music.wav", music(44100), 44100)
    predictors = [asked[0], vggish, tiny, asked[1]]
    folders = list(map(publish, predictors))
    args = {"task": "ensemble", "models": folders, "file": wav.name}

    said = chromium.run(SCRIPT, site, args=args)
    for predictor, rows, times, count in zip(
        predictors, said["rows"], said["times"], said["counts"], strict=True
    ):
        compare({"rows": rows, "times": times}, predictor, wav, 1e-3)
        assert count == len(times)
    files = [path.read_bytes() for folder in folders for path in (site / folder).glob("*.bin")]
    fetched = sum(map(len, set(files)))  # the extractor of both heads once
    assert fetched < 0.8 * sum(map(len, files))
    assert said["progress"] == [fetched, fetched]
    assert said["short"].startswith("RangeError: head needs at least")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("id", "graph", "key"),
    [("deeptemp-k16-3", "deeptemp_k16", "tempo"), ("crepe-tiny-1", "crepe-tiny-1", "pitch")],
)
def test_tempo_and_pitch_are_decoded_as_in_python(
    id: str, graph: str, key: str, chromium: Any, site: Path, publish: Publish, shared: Path
) -> None:
    predictor = Predictor(Model(catalog().find(id), shared / f"models/{graph}.pb"))
    wav = site / "impulses.wav"
    wav.symlink_to(shared / "goldens/audio/impulses120bpm_22050.wav")
    options = {"hop": 100} if key == "pitch" else {}
    args = {"task": "predict", "model": publish(predictor), "files": [wav.name], "options": options}

    (said,) = chromium.run(SCRIPT, site, args=args)
    expected = predictor.predict(wav, patch_hop=options.get("hop"))
    assert expected.decoded
    assert list(said["classes"]) == list(expected.classes)
    for name, value in expected.decoded.to_json()[key].items():
        assert said["decoded"][key][name] == pytest.approx(value, rel=1e-3, abs=1e-3), name


def test_blocks_of_any_length_give_what_the_whole_gives(
    chromium: Any, site: Path, publish: Publish, tmp_path: Path
) -> None:
    path = convolutional.musicnn(tmp_path)  # its patches share what they have in common
    tagger = Predictor(Model(Record.load(path.with_suffix(".json")), path))
    wav = lab.audio(site / "music.wav", music(22050, 6.0), 22050)
    args = {"task": "stream", "model": publish(tagger), "file": wav.name, "hop": 20, "block": 1777}

    rows = chromium.run(SCRIPT, site, args=args)
    expected = tagger.predict(wav, patch_hop=20).activations
    np.testing.assert_allclose(rows, expected, atol=1e-4)


def test_webgl_says_the_same(tiny: Predictor, chromium: Any, site: Path, publish: Publish) -> None:
    wav = lab.audio(site / "music.wav", music(16000), 16000)
    args = {"task": "predict", "model": publish(tiny), "files": [wav.name]}
    args["load"] = {"backend": "webgl"}

    (said,) = chromium.run(SCRIPT, site, args=args)
    compare(said, tiny, wav, 1e-4)


@pytest.mark.parametrize("backend", ["webgl", "webgpu"])
def test_wasm_goes_on_when_the_graphics_card_is_lost(
    backend: str, tiny: Predictor, chromium: Any, site: Path, publish: Publish
) -> None:
    wav = lab.audio(site / "music.wav", music(16000, 20), 16000)
    args = {"task": "lost", "model": publish(tiny), "file": wav.name, "backend": backend}

    said = chromium.run(SCRIPT, site, args=args, graphics=True)
    compare(said, tiny, wav, 1e-4)
    assert said["backends"] == [backend, "wasm"]


def test_webgpu_says_the_same_and_is_taken_where_it_was_the_fastest(
    tiny: Predictor, chromium: Any, site: Path, publish: Publish, observed: Observed
) -> None:
    wav = lab.audio(site / "music.wav", music(16000), 16000)
    args = {"task": "predict", "model": publish(tiny), "files": [wav.name]}
    args["load"] = {"backend": "webgpu"}

    (said,) = chromium.run(SCRIPT, site, args=args, graphics=True)
    compare(said, tiny, wav, 1e-4)
    in_software = "yes, in software; not testable here: graphics cards"
    observed.note("features", "WebGPU", "chromium", in_software)

    found = chromium.run(SCRIPT, site, args={**args, "task": "fastest"}, graphics=True)
    assert found["remembered"] == found["taken"]
    assert found["then"] == found["other"] != found["taken"]
    assert found["entries"] == 1


def test_the_recipe_for_real_time_gives_a_result_each_hop(
    tiny: Predictor, chromium: Any, site: Path, publish: Publish
) -> None:
    text = (ROOT / "docs" / "web.md").read_text()
    for name, code in re.findall(r'^```js title="(\S+)"\n(.*?)^```$', text, re.M | re.S):
        (site / name).write_text(code.replace('"audiozoo"', '"./zoo/zoo.js"'))
    args = {"task": "recipe", "model": publish(tiny), "results": 3}

    said = chromium.run(SCRIPT, site, args=args, microphone=True)
    hops = np.asarray(said["times"]) / (93 * 256 / 16_000)
    assert (np.diff(hops) >= 1 - 1e-6).all()
    np.testing.assert_allclose(hops, hops.round(), atol=1e-6)
    assert said["loudest"] > 0


def test_what_goes_wrong_is_told(
    tiny: Predictor, browser: Any, site: Path, publish: Publish
) -> None:
    publish(tiny, "bare", frontend=False)

    said = browser.run(SCRIPT, site, args={"task": "failures", "model": publish(tiny)})

    assert said.pop("fine") == 5
    assert said.pop("buffer") <= 1e-5
    for what, words in {
        "abort": "AbortError",
        "short": "RangeError: tiny needs at least 3.0 s of audio.",
        "empty": "RangeError: tiny needs at least 3.0 s of audio.",
        "nan": "RangeError: Samples must be finite numbers, with ±1 as full scale.",
        "hop": "RangeError: The hop is 0 frames; it must be",
        "gap": "RangeError: A hop of 188 frames leaves gaps",
        "layer": "RangeError: tiny has no layer nowhere.",
        "junk": "EncodingError: The browser cannot decode this file as audio.",
        "bare": "Error: The model has no front-end",
        "foreign": "Error: ",
        "closed": "AbortError",
        "aborted": "AbortError",
        "left": "Error: enough",
    }.items():
        assert said.pop(what).startswith(words), what
    assert all(each.startswith("RangeError: The sample rate is ") for each in said.pop("rates"))
    assert [each.split(":")[0] for each in said.pop("after")] == ["AbortError"] * 3
    assert said.pop("silence") == "Error: The file is empty."
    assert not said


THREADS = {
    "firefox": "yes; one, if its Workers do not start within ten seconds, as some do where a "
    "program drives it",
    "webkit": "no: it has no memory that threads share; Safari has",
}


def test_a_page_that_is_isolated_has_a_thread_for_each_core(
    browser: Any, site: Path, publish: Publish, tmp_path: Path, observed: Observed
) -> None:
    path = convolutional.musicnn(tmp_path)
    tagger = Predictor(Model(Record.load(path.with_suffix(".json")), path))
    wav = lab.audio(site / "music.wav", music(16000), 16000)
    args = {"task": "threads", "model": publish(tagger), "file": wav.name}

    strict = {"Content-Security-Policy": "worker-src 'self'"}  # which the Worker's script has, too
    for headers in ({}, {**ISOLATED, **strict}, ISOLATED):
        with browser.serving(site, headers=headers) as url:
            said = browser.visit(SCRIPT, url, args=args)
        compare(said, tagger, wav, 1e-4)
        assert said["isolated"] is bool(headers)
        threaded = said["isolated"] and said["shares"] and headers == ISOLATED
        expected = min(4, said["cores"]) if threaded else 1
        assert said["threads"] in ({1, expected} if browser.name == "firefox" else {expected})
    cell = THREADS.get(browser.name, "yes")
    observed.note("features", "threads", browser.name, cell)


def test_a_policy_without_wasm_leads_to_webgl(
    tiny: Predictor, browser: Any, site: Path, publish: Publish
) -> None:
    args = {"task": "backend", "model": publish(tiny)}
    policy = {"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}

    with browser.serving(site, headers=policy) as url:
        said, _ = browser.complaints(SCRIPT, url, args=args)
    if browser.name == "webkit":  # whose Workers have no WebGL here
        assert said.startswith("WebAssembly cannot run in this page")
    else:
        assert said == "webgl"


def test_a_microphone_that_says_nothing_is_told(
    tiny: Predictor, browser: Any, site: Path, publish: Publish
) -> None:
    args = {"task": "quiet", "model": publish(tiny)}

    said = browser.run(SCRIPT, site, args=args, microphone=True)
    assert said.pop("mutely").startswith("Nothing comes from the microphone.")
    assert set(said) == {"ended", "never"}
    for words in said.values():
        assert words.startswith("The browser keeps the sound of this page switched off.")


@pytest.mark.shared
def test_the_microphone_is_heard_in_real_time(
    chromium: Any, site: Path, publish: Publish, shared: Path
) -> None:
    predictor = Predictor(
        Model(catalog().find("msd-musicnn-1"), shared / "models/msd-musicnn-1.pb")
    )
    clip = read(shared / "goldens/audio/flamenco.mp3")
    wav = lab.audio(site / "flamenco.wav", clip.samples, clip.sample_rate)
    args = {"task": "microphone", "model": publish(predictor), "results": 8}

    said = chromium.run(SCRIPT, site, args=args, microphone=wav)

    times, rate = np.array(said["times"]), said["sampleRate"]
    assert said["silent"] and max(said["levels"]) > 0.1
    heard, rows = np.array(said["samples"], np.float32), np.array(said["rows"])
    expected = predictor.predict(heard, rate, patch_hop=62)
    chosen = np.round(times / (expected.times[1] - expected.times[0])).astype(int)
    assert chosen[-1] + 1 == len(times) + said["skipped"], "those skipped on a busy machine"
    np.testing.assert_allclose(rows, expected.activations[chosen], atol=1e-3)
    played = clip.resampled(rate).samples
    shifts = []
    for time, row in zip(times[::2], rows[::2], strict=True):
        patch = heard[round(time * rate) :][: 3 * rate]
        origin = predictor.predict(aligned(played, patch), rate)
        shifts.append(np.abs(origin.activations[0] - row).max())
    assert np.median(shifts) <= 0.03


def aligned(played: NDArray[np.float32], heard: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part that was heard of what was played over and over again."""
    spectrum = np.fft.rfft(heard, len(played))
    lag = int(np.fft.irfft(np.fft.rfft(played) * spectrum.conj(), len(played)).argmax())
    return np.roll(played, -lag)[: len(heard)]
