from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import zoo.cli
from tests.support import lab
from zoo.cli.bars import bar

Run = Callable[..., Any]


@pytest.fixture
def run(predict: Run) -> Run:
    return predict


def test_the_top_classes_are_shown_with_bars(run: Run, tiny: Any, song: str) -> None:
    ran = run("tiny.pb", song)
    head, *lines = ran.out.splitlines()
    assert ran.code == 0
    assert head == "song.wav  14.0 s, 8 patches, tiny"
    assert len(lines) == 2
    scores = [float(line.split()[1]) for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert all("█" in line and len(line) <= 80 for line in lines)


def test_top_and_threshold_choose_what_is_shown(run: Run, tiny: Any, song: str) -> None:
    scores = [row["score"] for row in run("tiny.pb", song, "--json").document["results"][0]["top"]]
    between = sum(scores) / 2
    assert len(run("tiny.pb", song, "--top", 1).out.splitlines()) == 2
    assert len(run("tiny.pb", song, "--threshold", between).out.splitlines()) == 2
    assert "nothing above" in run("tiny.pb", song, "--threshold", 1.1).out


def test_json_is_one_document_with_the_agreed_keys(run: Run, tiny: Any, song: str) -> None:
    (result,) = run("tiny.pb", song, "--json").document["results"]
    assert list(result) == [
        "file", "model", "layer", "classes", "times", "mean", "top", "error",
    ]  # fmt: skip
    assert (result["file"], result["model"], result["layer"]) == (song, "tiny", "predictions")
    assert result["classes"] == ["quiet", "loud"]
    assert result["times"] == [i * 93 / 62.5 for i in range(8)]
    best = max(range(2), key=result["mean"].__getitem__)
    assert result["top"][0] == {"class": result["classes"][best], "score": result["mean"][best]}
    assert result["error"] is None


def test_npz_holds_the_agreed_arrays(run: Run, tiny: Any, song: str) -> None:
    assert run("tiny.pb", song, "--output", "a.npz").code == 0
    arrays = np.load("a.npz")
    assert set(arrays) == {"activations", "times", "classes", "model", "layer"}
    assert (arrays["activations"].dtype, arrays["activations"].shape) == (np.float32, (8, 2))
    assert (arrays["times"].dtype, arrays["times"].shape) == (np.float64, (8,))
    assert arrays["classes"].tolist() == ["quiet", "loud"]
    assert (str(arrays["model"]), str(arrays["layer"])) == ("tiny", "predictions")


def test_csv_and_json_files_hold_the_same_numbers(run: Run, tiny: Any, song: str) -> None:
    for file in ("a.npz", "a.csv", "a.json"):
        assert f"Wrote {file}" in run("tiny.pb", song, "-o", file).err
    expected = np.load("a.npz")["activations"]
    with Path("a.csv").open(newline="") as stream:
        head, *rows = csv.reader(stream)
    assert head == ["time", "quiet", "loud"]
    np.testing.assert_allclose(np.array(rows, float)[:, 1:], expected, rtol=1e-6)
    (result,) = json.loads(Path("a.json").read_text())["results"]
    np.testing.assert_allclose(result["activations"], expected, rtol=1e-6)


def test_several_models_share_an_npz_behind_their_names(
    run: Run, tmp_path: Path, song: str
) -> None:
    for name in ("one", "two"):
        lab.Network(tmp_path, name)
    ran = run("one.pb", "two.pb", song, "-o", "a.npz", "--json")
    assert [result["model"] for result in ran.document["results"]] == ["one", "two"]
    assert {key.split("/")[0] for key in np.load("a.npz")} == {"one", "two"}
    assert run("one.pb", "two.pb", song, "--plot", "a.png").code == 0
    assert sorted(path.name for path in Path().glob("*.png")) == ["a-one.png", "a-two.png"]


def test_several_files_go_into_a_folder(run: Run, tmp_path: Path, tiny: Any, song: str) -> None:
    lab.audio(tmp_path / "other.flac", lab.sine(16000), 16000)
    ran = run("tiny.pb", song, "other.flac", "-o", "arrays/", "--plot", "plots")
    assert ran.code == 0
    assert sorted(path.name for path in Path("arrays").iterdir()) == [
        "other.flac.npz",
        "song.wav.npz",
    ]
    assert sorted(path.name for path in Path("plots").iterdir()) == [
        "other.flac.png",
        "song.wav.png",
    ]
    Path("a").mkdir()
    assert run("tiny.pb", song, f"a/{song}", "-o", "both").code == 2


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml")])
def test_a_plot_is_drawn(name: str, start: bytes, run: Run, tiny: Any, song: str) -> None:
    assert run("tiny.pb", song, "--plot", name).code == 0
    assert Path(name).read_bytes().startswith(start)


def test_a_layer_a_hop_and_a_last_patch_can_be_chosen(run: Run, tiny: Any, song: str) -> None:
    embedded = run("tiny.pb", song, "--layer", "embeddings", "-o", "a.npz")
    assert "3 values per patch" in embedded.out
    assert np.load("a.npz")["activations"].shape == (8, 3)
    (result,) = run(
        "tiny.pb", song, "--patch-hop", 187, "--last-patch", "repeat", "--json"
    ).document["results"]
    assert result["times"] == [i * 187 / 62.5 for i in range(5)]


def test_classes_that_do_not_fit_the_network_are_told_once(run: Run, tiny: Any, song: str) -> None:
    path = Path("tiny.json")
    path.write_text(json.dumps(tiny.record | {"classes": ["a", "b", "c"]}))
    ran = run("tiny.pb", song, "gone.wav", song, "--json", "-q")
    assert ran.err.count("names 3 classes, but the network has 2") == 1
    assert ran.document["results"][0]["classes"] == ["0", "1"]
    assert "classes" not in run("tiny.pb", song, "--layer", "embeddings").err


def test_a_file_that_fails_does_not_stop_the_others(
    run: Run, tmp_path: Path, tiny: Any, song: str
) -> None:
    lab.audio(tmp_path / "short.wav", lab.sine(16000)[:16000], 16000)
    Path("page.mp3").write_text("<!DOCTYPE html>")
    ran = run("tiny.pb", "page.mp3", "short.wav", song, "gone.wav", "--json")
    assert ran.code == 1
    errors = {result["file"]: result["error"] for result in ran.document["results"]}
    assert list(errors) == ["page.mp3", "short.wav", "song.wav", "gone.wav"]
    assert "cannot be decoded" in errors["page.mp3"]
    assert "too short: 1.00 s" in errors["short.wav"]
    assert errors["song.wav"] is None
    assert "There is no file" in errors["gone.wav"]
    assert "--last-patch repeat" in ran.err


def test_silence_is_told(run: Run, tiny: Any, tmp_path: Path) -> None:
    soundfile.write("silence.wav", np.zeros(60000), 16000)
    ran = run("tiny.pb", "silence.wav")
    assert ran.code == 0
    assert "silence.wav is silent" in ran.err


def test_eight_channels_at_8_khz_are_fine(run: Run, tiny: Any) -> None:
    soundfile.write("wide.wav", np.random.default_rng(0).normal(0, 0.1, (32000, 8)), 8000)
    assert run("tiny.pb", "wide.wav").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "Which model?"),
        (["tiny.pb"], 2, "Which audio?"),
        (["song.wav"], 2, "Which model?"),
        (["tiny.pb", "gone.wav"], 3, "There is no file gone.wav"),
        (["gone.pb", "song.wav"], 3, "There is no file gone.pb"),
        (["msd-musicn-9", "song.wav"], 3, "msd-musicn-9"),
        (["msd-musicnn-1", "song.wav"], 4, ""),
        (["tiny.pb", "song.wav", "--layer", "nothing"], 3, "nothing"),
        (["tiny.pb", "song.wav", "--patch-hop", "0"], 2, "patch hop of 0"),
        (["tiny.pb", "song.wav", "--patch-hop", "188"], 2, "patch hop of 188"),
        (["tiny.pb", "song.wav", "--last-patch", "mirror"], 2, "mirror"),
        (["tiny.pb", "song.wav", "--top", "0"], 2, "--top"),
        (["tiny.pb", "song.wav", "--output", "a.mat"], 2, "a.mat"),
        (["tiny.pb", "song.wav", "--plot", "a.txt"], 2, "a.txt"),
        (["tiny.pb", "song.wav", "--output", "/dev/null/a.npz"], 7, "/dev/null"),
        (["tiny.pb", "song.wav", "--runtime", "torch"], 2, "torch"),
    ],
)
def test_wrong_use_is_told(
    words: list[str], code: int, said: str, run: Run, tiny: Any, song: str
) -> None:
    ran = run(*words)
    assert ran.code == code, ran.err
    assert said in ran.err
    assert not ran.out


def test_the_resampler_that_was_chosen_once_is_ignored_with_a_note(
    run: Run, tiny: Any, song: str
) -> None:
    ran = run("tiny.pb", song, "--resampler", "soxr", "--json")
    assert (ran.code, ran.out) == (0, run("tiny.pb", song, "--json").out)
    assert "note: --resampler is ignored" in ran.err
    assert "--resampler" not in run("--help").out
    with pytest.warns(FutureWarning, match="resampler is ignored") as warned:
        zoo.load("tiny.pb", resampler="soxr")
    zoo.load_many(["tiny.pb"])
    assert [each.filename for each in warned] == [__file__]


def test_an_archive_is_not_pulled_in_vain(run: Run, song: str) -> None:
    from catalog.index import catalog

    name = next(iter(catalog().archives))
    ran = run(name, song)
    assert ran.code == 2
    assert "Gaia" in ran.err and f"zoo predict {name}/" in ran.err


def test_the_first_path_that_is_no_model_begins_the_audio(
    run: Run, tmp_path: Path, song: str
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    lab.Network(folder)
    ran = run("model", song, "./song.wav", song, "--json")
    assert [result["file"] for result in ran.document["results"]] == [song, "./song.wav"]


def test_audio_can_be_named_apart_from_a_folder_of_the_models_name(
    run: Run, tiny: Any, song: str
) -> None:
    Path("tiny.pb").rename("tiny-1.pb")
    Path("tiny.json").rename("tiny-1.json")
    Path("mtt-musicnn-1").mkdir()
    assert "Which model?" in run("mtt-musicnn-1").err
    ran = run("mtt-musicnn-1", "--audio", song)
    assert ran.code == 4, "the name is looked up, and there is no network"
    Path("other.wav").symlink_to(song)
    results = run("tiny-1.pb", "--audio", song, "other.wav", "--json").document["results"]
    assert [result["file"] for result in results] == [song, "other.wav"]


def test_a_graph_without_metadata_says_what_it_assumes(run: Run, tiny: Any, song: str) -> None:
    Path("tiny.json").unlink()
    ran = run("tiny.pb", song, "--json")
    assert ran.code == 0
    assert "no metadata beside it" in ran.err and "sigmoids" in ran.err
    assert ran.document["results"][0]["classes"] == ["0", "1"]


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"schema": 1}', '{"schema": {"outputs": [{}]}}', '{"schema": {}}']
)
def test_metadata_that_are_none_are_told(content: str, run: Run, tiny: Any, song: str) -> None:
    Path("tiny.json").write_text(content)
    ran = run("tiny.pb", song)
    assert ran.code in (2, 5)
    assert ran.err.startswith("error:")


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html>", bytes(100), b"\x0a\xff\xff"])
def test_a_graph_that_is_none_is_told(content: bytes, run: Run, tiny: Any, song: str) -> None:
    Path("tiny.pb").write_bytes(content)
    assert run("tiny.pb", song).code in (2, 3, 5)


def test_a_bar_is_as_long_as_the_score(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bar(0, 10) == ""
    assert bar(1, 10) == "█" * 10
    assert bar(0.55, 10) == "█████▌"


def test_bars_are_plain_where_blocks_cannot_be_written(
    tiny: Any, song: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from zoo.cli import main; main()", "predict", "tiny.pb", song]
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin"}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "###" in ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize("content", ["audio", "text"])
def test_a_dash_is_the_audio_on_stdin(content: str, run: Run, tiny: Any, song: str) -> None:
    words = ["predict", "tiny.pb", "-", "--json", "-o", "a.csv"]
    command = [sys.executable, "-c", "from zoo.cli import main; main()", *words]
    data = Path(song).read_bytes() if content == "audio" else b"no audio"
    for _ in range(2):  # a row of that name is not what is piped in now
        ran = subprocess.run(command, input=data, capture_output=True)
        (row,) = json.loads(ran.stdout)["results"]
        assert row["file"] == "-"
        if content == "text":
            assert (ran.returncode, ran.stderr[:27]) == (1, b"error: - cannot be decoded ")
            continue
        assert ran.returncode == 0
        (expected,) = run("tiny.pb", song, "--json").document["results"]
        assert row["mean"] == expected["mean"]


def test_stdin_is_heard_alone(run: Run, tiny: Any, song: str) -> None:
    ran = run("tiny.pb", song, "-")
    assert (ran.code, "heard alone" in ran.err) == (2, True)


def test_python_users_get_the_same(tiny: Any, song: str, run: Run) -> None:
    prediction = zoo.load("tiny.pb").predict(song)
    (result,) = run("tiny.pb", song, "--json").document["results"]
    assert prediction.mean().tolist() == result["mean"]
    content = Path(song).read_bytes()
    for source in (content, io.BytesIO(content)):
        assert zoo.load("tiny.pb").predict(source).mean().tolist() == result["mean"]
    assert zoo.load(tiny.path.parent).record.id == "tiny"
    assert callable(zoo.pull)


@pytest.mark.shared
def test_real_tags_of_a_real_recording(run: Run, shared: Path, tmp_path: Path) -> None:
    recording = shared / "goldens" / "audio" / "joram-moments_of_clarity-08-solipsism-59-88.mp3"
    metadata = shared / "facts" / "metadata-examples" / "msd-musicnn-1.json"
    Path("msd-musicnn-1.pb").symlink_to(shared / "models" / "msd-musicnn-1.pb")
    Path("msd-musicnn-1.json").symlink_to(metadata)
    (result,) = run("msd-musicnn-1.pb", recording, "--json").document["results"]
    assert [each["class"] for each in result["top"][:2]] == ["electronic", "instrumental"]


@pytest.mark.slow
def test_a_pulled_model_is_run_without_what_it_does_not_need(
    run: Run, tiny: Any, song: str
) -> None:
    zoo.publish(lab.described(tiny.path), to="site", plain=True)
    graph = zoo.pull("tiny", catalog="site")
    script = """
import sys
from zoo import cli
code = cli.run()
heavy = {"tensorflow", "matplotlib", "requests", "rich", "jsonschema", "multiprocessing"}
print(code, sorted(heavy & set(sys.modules)), file=sys.stderr)
"""
    command = [sys.executable, "-c", script, "predict", str(graph), song, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.stderr.splitlines()[-1:] == ["0 []"], ran.stderr + ran.stdout
