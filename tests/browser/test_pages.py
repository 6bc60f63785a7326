"""The pages in a real browser: what visitors do, see and hear."""

from __future__ import annotations

import json
import shutil
from csv import reader
from pathlib import Path
from typing import Any

import pytest

import zoo
from catalog.index import catalog
from catalog.record import Record
from tests.support import lab
from tests.support.observed import Observed
from zoo.exporting.exporter import export
from zoo.predicting.places import csv
from zoo.predicting.results import Result
from zoo.publishing import pages
from zoo.publishing.pages import File, Published
from zoo.publishing.single_file import single_file
from zoo.publishing.snippets import javascript

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
WIDE = {"width": 1440, "height": 1000}
CLASSES = ("quiet", '<img src="x" onerror="alert(1)">')
"""The second would ask for a picture if it got into the page."""
IDS = (
    "msd-musicnn-1",
    "mood_happy-msd-musicnn-1",
    "genre_discogs400-discogs-effnet-1",
    "mtg_jamendo_instrument-discogs-effnet-1",
    "deeptemp-k16-3",
    "crepe-tiny-1",
    "fsd-sinet-vgg42-tlpf_aps-1",
    "audioset-vggish-3",
    "emomusic-msd-musicnn-2",
    "voice_instrumental-msd-musicnn-1",
)


def write_assets(site: Path) -> None:
    for path, data in pages.assets().items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)


def listed(model: Record) -> Published:
    """A model of the catalog, as if it were published."""
    file = model.file("pb")
    size = (file and file.size) or 1_000_000
    return Published(model, (File(f"{model.id}.pb", size, "0" * 64),), "tfjs")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A zoo of real records."""
    folder = tmp_path / "site"
    write_assets(folder)
    models = [listed(catalog().find(id)) for id in IDS]
    (folder / "index.html").write_text(pages.index("Sounds of our lab", models))
    return folder


@pytest.fixture
def tiny_site(tmp_path: Path, tensorflowjs: Path) -> Path:
    """A zoo with one small tagger that can be tried, also in one file."""
    network = lab.Network(tmp_path)
    record = {**network.record, "classes": list(CLASSES)}
    network.path.with_suffix(".json").write_text(json.dumps(record))
    return trial_site(tmp_path / "site", network.path, tensorflowjs)


def trial_site(site: Path, network: Path, tensorflowjs: Path) -> Path:
    """Publish a network; its record lies beside it."""
    record = Record.load(network.with_suffix(".json"))
    folder = site / "models" / record.id
    head = record.extractor is not None
    export(
        network,
        "tfjs",
        folder / "tfjs",
        with_frontend=True,
        with_extractor=head,
        verify="reader",
    )
    write_assets(site)
    shutil.copytree(tensorflowjs, site / "zoo" / "tfjs", dirs_exist_ok=True)
    published = Published(record, (File(network.name, network.stat().st_size, "0" * 64),), "tfjs")
    (folder / "index.html").write_text(pages.page("Sounds of our lab", published))
    (folder / "one.html").write_text(single_file("Sounds of our lab", published, site))
    return site


@pytest.fixture
def clips(tmp_path: Path) -> dict[str, str]:
    lab.audio(tmp_path / "song.wav", lab.impulses(16000), 16000)
    lab.audio(tmp_path / "short.wav", lab.impulses(16000)[:16000], 16000)
    (tmp_path / "notes.txt").write_text("no audio")
    (tmp_path / "empty.wav").touch()
    names = {"song": "song.wav", "short": "short.wav", "text": "notes.txt", "empty": "empty.wav"}
    return {key: str(tmp_path / name) for key, name in names.items()}


def test_models_are_searched_and_filtered(chromium: Any, site: Path) -> None:
    found = chromium.run(HERE / "index.mjs", site, context={"viewport": WIDE})

    assert found["all"] == list(IDS)
    assert found["count"] == f"{len(IDS)} models"
    assert found["saxophone"] == ["mtg_jamendo_instrument-discogs-effnet-1"]
    assert found["nothing"] == [[], True]
    assert found["cleared"] == len(IDS)
    assert found["tempo"] == [["deeptemp-k16-3"], f"1 of {len(IDS)} models"]
    small = ["emomusic-msd-musicnn-2", "voice_instrumental-msd-musicnn-1"]
    assert set(small) <= set(found["small"]) < set(IDS)
    assert found["again"] == found["small"]
    assert found["address"] == "#family=musicnn&size=1000000"
    assert found["light"] == []
    assert found["dark"] == []
    assert found["background"] == "rgb(18, 16, 23)"
    assert found["remembered"] == "dark"
    assert found["overflow"] == 390
    assert found["focused"] == "Skip to the content"


def test_cards_tell_which_models_know_a_word(chromium: Any, tmp_path: Path) -> None:
    zoo.publish(to=tmp_path / "cards", cards=True)
    old = "danceability-musicnn-msd-2"
    args = {"word": "saxophone", "id": "mtg_jamendo_instrument-discogs-effnet-1", "old": old}
    found = chromium.run(HERE / "cards.mjs", tmp_path / "cards", args=args)

    knowing = {model.id for model in catalog().models if "saxophone" in model.classes}
    assert args["id"] in knowing and knowing <= set(found["known"])
    assert found["followed"] == found["known"]
    assert found["successor"] == catalog().find(old).zoo["successor"]
    assert found["serious"] == []


def test_pages_are_whole_without_javascript(chromium: Any, tiny_site: Path, site: Path) -> None:
    value = chromium.run(
        HERE / "plain.mjs", tiny_site, args={"id": "tiny"}, context={"javaScriptEnabled": False}
    )
    assert value["cards"] == len(IDS)
    assert value["filters"] is False
    assert "zoo pull tiny --catalog ADDRESS-OF-THIS-ZOO" in value["words"]
    assert "needs JavaScript" in value["words"]


def test_a_dropped_song_is_tagged(
    chromium: Any, tiny_site: Path, clips: dict[str, str], tmp_path: Path
) -> None:
    network = Record.load(tmp_path / "tiny.json")
    copied = javascript(network, "./models/tiny/tfjs/")
    (tiny_site / "own.html").write_text(f'<link rel="icon" href="data:,">{copied}')
    found = chromium.run(HERE / "trial.mjs", tiny_site, args={"id": "tiny", **clips})

    prediction = zoo.load(str(tmp_path / "tiny.pb")).predict(clips["song"])
    expected = dict(prediction.top(2))
    assert found["kept"] == [False, True, True], "before the modules of the page ran"
    assert found["song"].startswith("Analysed 0:14 of song.wav in ")
    assert [name for name, _ in found["bars"]] == list(expected)
    assert dict(found["numbers"]) == pytest.approx(expected, abs=1e-3)
    assert found["moment"] == "Overall"
    assert found["rows"] == list(expected)
    assert min(found["picture"]) > 3
    assert found["described"].startswith("Taggram")
    assert "WebAssembly" in found["speed"] and "ms per patch" in found["speed"]
    assert any(name in found["tip"] for name in expected)
    assert found["serious"] == []
    assert "zoo pull tiny --catalog http://127.0.0.1:" in found["command"]

    assert found["position"] == "0:14 of 0:14"
    for (moment, shown), patch, time in ((found["start"], 0, "0:00"), (found["end"], -1, "0:14")):
        assert moment == f"At {time}"
        scores = {name: float(score) for name, score in shown}
        at = dict(zip(prediction.classes, prediction.activations[patch].tolist(), strict=True))
        assert scores == pytest.approx(at, abs=0.006)
    assert (found["playing"], found["paused"]) == ("Pause", "Play")
    assert found["back"] == ["Overall", found["bars"]]
    assert found["ended"] == found["bars"]

    result = Result("song.wav", "tiny", "predictions", 14, False, prediction, prediction.top(5))
    told = result.to_json(activations=True)
    assert parsed(found["saved"]["song.csv"]) == approximately(parsed(csv([prediction]).decode()))
    (saved,) = json.loads(found["saved"]["song.json"])["results"]
    assert saved.keys() == told.keys()
    assert saved == approximately(told)

    assert found["short"] == "tiny needs at least 3.0 s of audio."
    assert not found["left"], "an empty picture"
    assert found["text"].startswith("This browser cannot read notes.txt as audio")
    assert found["example"].startswith("Analysed 0:15 of the example clip")
    said, bars = found["lost"]
    assert said.startswith("Analysed 0:14 of song.wav")
    assert said.endswith("The graphics card was lost: WebAssembly took over.")
    assert bars == found["bars"]
    assert "microphone" in found["denied"].lower()
    assert {each["name"]: each["score"] for each in found["own"]} == pytest.approx(
        expected, abs=1e-3
    )


def two_models(site: Path, folder: Path, tensorflowjs: Path) -> list[Path]:
    """Publish a head beside the small tagger, with an index and a page to compare them."""
    head = lab.Head(folder, "tiny")
    trial_site(site, head.path, tensorflowjs)
    paths = [folder / "tiny.pb", head.path]
    models = [Published(Record.load(path.with_suffix(".json")), (), "tfjs") for path in paths]
    (site / "index.html").write_text(pages.index("Sounds of our lab", models))
    (site / "compare.html").write_text(pages.compare("Sounds of our lab"))
    return paths


WEBKIT_WEBGL = "not testable here: without a graphics card its Workers have no WebGL"
NO_WEBGPU = "not testable here: it needs a graphics card"


def test_every_browser_shows_the_pages(
    browser: Any,
    tiny_site: Path,
    clips: dict[str, str],
    tmp_path: Path,
    tensorflowjs: Path,
    observed: Observed,
) -> None:
    paths = two_models(tiny_site, tmp_path, tensorflowjs)
    args = {**clips, "alone": (tiny_site / "models/tiny/one.html").as_uri()}
    found = browser.run(HERE / "tour.mjs", tiny_site, args=args, microphone=True)

    def note(row: str, cell: str = "yes") -> None:
        observed.note("features", row, browser.name, cell)

    top = zoo.load(str(paths[0])).predict(clips["song"]).top(2)
    expected = [[name, f"{score:.2f}"] for name, score in top]
    assert found["song"].startswith("Analysed 0:14 of song.wav")
    assert (found["searched"], found["bars"]) == (["head"], expected)
    assert found["loading"] and found["loading"][0].startswith("Loading the model: 0.")
    note("load, and hear a file")
    assert found["end"] == ["At 0:14"]
    assert found["cancelled"] == ["Cancelled.", True]
    assert found["empty"] == "The file is empty."
    assert found["again"].startswith("Analysed 0:14 of song.wav")
    note("cancel")
    note("WebAssembly")
    said, bars = found["webgl"]
    if browser.name == "webkit":
        assert "WebGL is not available here." in said
        note("WebGL", WEBKIT_WEBGL)
    else:
        assert said.startswith("Analysed 0:14 of song.wav")
        assert bars == expected
        note("WebGL")
    assert "WebGPU is not available here." in found["webgpu"][0]
    if browser.name != "chromium":  # which computes it in software if asked: see test_engine.py
        note("WebGPU", NO_WEBGPU)
    assert {name for name, _ in found["heard"]} == set(CLASSES)
    assert found["off"] == "The microphone is off."
    assert found["denied"].startswith("Microphone access was denied.")
    note("microphone")
    assert found["compared"].startswith("Analysed 0:14 of song.wav")
    assert found["names"] == ["tiny", "head"]
    note("compare")
    assert found["alone"].startswith("Analysed 0:14 of song.wav")
    assert found["aloneBars"] == expected
    note("single file, from a disk")
    for page in ("index", "model", "compare"):
        light, dark = found[page]
        assert light != dark == "rgb(18, 16, 23)"
    note("light and dark")
    note("phone")


def test_a_host_that_serves_scripts_as_text_is_told(browser: Any, tiny_site: Path) -> None:
    args = {"path": "models/tiny/", "code": "document.querySelector('[data-disk]').innerText"}
    with browser.serving(tiny_site, types={".js": "text/plain"}) as url:
        words, _ = browser.complaints(HERE / "script.mjs", url, args=args)
    assert words.startswith("The scripts of this page cannot be loaded")


def test_models_are_compared_on_one_song(
    chromium: Any, tiny_site: Path, clips: dict[str, str], tmp_path: Path, tensorflowjs: Path
) -> None:
    paths = two_models(tiny_site, tmp_path, tensorflowjs)

    found = chromium.run(HERE / "compare.mjs", tiny_site, args=clips, context={"viewport": WIDE})
    assert found["link"] == "Compare 2 models"
    assert found["names"] == ["tiny", "head"]
    assert found["status"].startswith("Analysed 0:14 of song.wav")
    assert found["moments"] == ["Overall", "Overall"]
    assert found["moved"] == ["At 0:07", "At 0:07"]
    assert found["axes"] == ["0:000:020:040:060:080:100:120:14"] * 2
    assert found["serious"] == []
    assert found["overflow"] == 390
    assert found["wave"] > 200
    assert found["cancelled"] == ["Cancelled.", True]
    for path, saved in zip(paths, found["saved"], strict=True):
        prediction = zoo.load(str(path)).predict(clips["song"])
        assert saved["mean"] == pytest.approx(prediction.mean().tolist(), abs=1e-3)
        assert saved["times"] == pytest.approx(prediction.times.tolist())
    assert found["short"] == [
        "tiny needs at least 3.0 s of audio.",
        "head needs at least 3.0 s of audio.",
    ]
    assert found["left"] == [[], False], "of the song before"


def parsed(table: str) -> list[list[Any]]:
    """The cells of a CSV table, numbers as such, but for the names of the columns."""
    head, *rows = reader(table.splitlines())
    return [head, *(list(map(float, row)) for row in rows)]


def approximately(value: Any) -> Any:
    """The same, with numbers that need not be equal to the last digit."""
    if isinstance(value, float):
        return pytest.approx(value, abs=1e-3)
    if isinstance(value, dict):
        return {key: approximately(each) for key, each in value.items()}
    return [approximately(each) for each in value] if isinstance(value, list) else value


def test_the_microphone_is_heard(chromium: Any, tiny_site: Path) -> None:
    found = chromium.run(HERE / "microphone.mjs", tiny_site, args={"id": "tiny"}, microphone=True)
    assert {name for name, _ in found["bars"]} == set(CLASSES)
    assert (found["pressed"], found["off"]) == ("true", "false")
    assert found["status"] == "The microphone is off."


def test_one_file_on_a_disk_hears_the_microphone(chromium: Any, tiny_site: Path) -> None:
    address = (tiny_site / "models/tiny/one.html").as_uri()
    found = chromium.visit(HERE / "microphone.mjs", args={"address": address}, microphone=True)
    assert {name for name, _ in found["bars"]} == set(CLASSES)


def brought(shared: Path, name: str, folder: Path, id: str) -> Path:
    """A real network with the catalog's record beside it."""
    network = folder / f"{id}.pb"
    shutil.copyfile(shared / "models" / name, network)
    document = {**catalog().find(id).document}
    document["zoo"] = {key: value for key, value in document["zoo"].items() if key != "files"}
    network.with_suffix(".json").write_text(json.dumps(document))
    return network


@pytest.mark.shared
def test_pictures_of_a_real_model(
    chromium: Any, shared: Path, tmp_path: Path, tensorflowjs: Path
) -> None:
    network = brought(shared, "msd-musicnn-1.pb", tmp_path, "msd-musicnn-1")
    site = trial_site(tmp_path / "site", network, tensorflowjs)
    found = chromium.run(
        HERE / "pictures.mjs", site, args={"id": "msd-musicnn-1"}, context={"viewport": WIDE}
    )
    assert found["top"][0][0] == "electronic"
    assert found["overflow"] == 390
    assert found["small"] == []
    assert max(found["shifted"]) < 0.001
    assert found["serious"] == []


@pytest.mark.shared
def test_tempo_pitch_and_scales_are_told_as_such(
    chromium: Any, shared: Path, tmp_path: Path, tensorflowjs: Path
) -> None:
    site, audio = tmp_path / "site", shared / "goldens" / "audio"
    brought(shared, "msd-musicnn-1.pb", tmp_path, "msd-musicnn-1")  # which a head reads
    for name, id in (
        ("deeptemp_k16.pb", "deeptemp-k16-3"),
        ("crepe-tiny-1.pb", "crepe-tiny-1"),
        ("emomusic-msd-musicnn-1.pb", "emomusic-msd-musicnn-1"),
    ):
        trial_site(site, brought(shared, name, tmp_path, id), tensorflowjs)
    clips = {
        "deeptemp-k16-3": str(audio / "impulses120bpm_16000.wav"),
        "crepe-tiny-1": str(audio / "sine440_16000.wav"),
        "emomusic-msd-musicnn-1": str(audio / "dubstep.wav"),
    }
    found = chromium.run(HERE / "readings.mjs", site, args=clips, context={"viewport": WIDE})

    assert all(each["status"].startswith("Analysed") for each in found.values())
    tempo = found["deeptemp-k16-3"]
    assert tempo["reading"].startswith("120 BPM")
    assert tempo["described"] == "Probability of each tempo over time: 120 beats per minute."
    pitch = found["crepe-tiny-1"]
    assert pitch["reading"].startswith("A4")
    assert pitch["described"].startswith("Pitch over time")
    scales = found["emomusic-msd-musicnn-1"]
    assert scales["bars"] == ["valence", "arousal"]
    assert scales["described"].startswith("Values over time, on average: valence ")
