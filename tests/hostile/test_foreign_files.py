"""Whole commands on damaged files of every other kind: audio, tables, lists, stores, checkpoints.

``ZOO_FUZZ=N`` tries N examples of each.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from freeze.formats.gaia import history
from tests.hostile.conftest import Zoo
from tests.support import corpus, fuzzing, graphs, histories, lab
from tests.support.fuzzing import damaged, edited

pytestmark = pytest.mark.slow

few = settings(fuzzing.examples(12), phases=[Phase.generate], deadline=None)
"""Whole commands, some of which start others: neither are their seconds counted, nor are smaller
examples looked for, which takes long."""

FORMATS = ("wav", "flac", "ogg", "mp3", "aiff", "opus", "m4a")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lab.Network(tmp_path_factory.mktemp("network")).path


def _recording(path: Path) -> bytes:
    """A second of noise in a format."""
    samples = lab.noise(48000)[:48000]
    if path.suffix == ".m4a":
        _with_ffmpeg(path, samples)
    elif path.suffix == ".opus":
        import soundfile

        soundfile.write(path, samples, 48000, format="OGG", subtype="OPUS")
    else:
        lab.audio(path, samples, 48000)
    return path.read_bytes()


def _with_ffmpeg(path: Path, samples: Any) -> None:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate = 48000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("recordings")
    return {ending: _recording(folder / f"a.{ending}") for ending in FORMATS}


@pytest.mark.parametrize("ending", FORMATS)
@few
@given(data=st.data())
def test_damaged_audio_is_heard_or_refused(
    data: st.DataObject, ending: str, zoo: Zoo, network: Path, recordings: dict[str, bytes]
) -> None:
    Path(f"a.{ending}").write_bytes(data.draw(damaged(recordings[ending])))
    assert zoo("predict", network, f"a.{ending}") in (0, 1)


TABLES = ("table.csv", "table.jsonl", "table.json", "table.npz", "table.parquet", "rows.parquet/")


@pytest.mark.parametrize("name", TABLES)
@few
@given(data=st.data())
def test_a_damaged_table_or_journal_is_taken_up_or_left_alone(
    data: st.DataObject, name: str, zoo: Zoo, network: Path, tmp_path: Path
) -> None:
    for each in "ab":
        if not Path(f"{each}.wav").exists():
            lab.audio(tmp_path / f"{each}.wav", lab.noise(16000), 16000)
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = ("predict", network, "a.wav", "b.wav", "-o", f"{out}/{name}")
    assert zoo(*command) == 0
    made = sorted(path for path in out.rglob("*") if path.is_file())
    for path in data.draw(st.lists(st.sampled_from(made), min_size=1, max_size=2, unique=True)):
        whole = path.read_bytes()
        lines = whole.splitlines()
        if path.suffix == ".journal" and data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(lines) - 1))
            lines[at] = data.draw(edited(json.loads(lines[at])))
            path.write_bytes(b"\n".join(lines) + b"\n")
        else:
            path.write_bytes(data.draw(damaged(whole)))
    before = {path: path.read_bytes() for path in made}
    code = zoo(*command)
    assert code in (0, 1, 2, 5)
    if code in (2, 5):
        assert {path: path.read_bytes() for path in made} == before
        assert zoo(*command, "--force") == 0


@few
@given(data=st.data())
def test_a_damaged_list_of_files_is_read_or_refused(
    data: st.DataObject, zoo: Zoo, network: Path, song: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"id": [1, 2], "path": [str(song), "nowhere.wav"]})
    pq.write_table(table, "list.parquet")
    texts = {
        "list.txt": f"{song}\nnowhere.wav\n",
        "list.csv": f"id,path\n1,{song}\n2,nowhere.wav\n",
    }
    for name, text in texts.items():
        Path(name).write_text(text)
    name = data.draw(st.sampled_from([*texts, "list.parquet"]))
    Path(name).write_bytes(data.draw(damaged(Path(name).read_bytes())))
    column = "" if name == "list.txt" else ":path"
    zoo("predict", network, "--files", f"{name}{column}")


@few
@given(data=st.data())
def test_damaged_embeddings_are_read_or_refused(
    data: st.DataObject, zoo: Zoo, tmp_path: Path, song: Path
) -> None:
    if not Path("whole.npz").exists():
        lab.Network(tmp_path)
        lab.Head(tmp_path, "tiny")
        words = ("predict", "tiny.pb", song, "--layer", "embeddings", "-o", "whole.npz")
        assert zoo(*words) == 0
    assert zoo("predict", "head.pb", "whole.npz") == 0
    Path("a.npz").write_bytes(data.draw(damaged(Path("whole.npz").read_bytes())))
    zoo("predict", "head.pb", "a.npz")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published folder of one model."""
    import zoo

    folder = tmp_path_factory.mktemp("site")
    record = lab.described(lab.Network(folder, "ours-1").path)
    zoo.publish(record, to=folder / "site", plain=True)
    return folder / "site"


@few
@given(data=st.data())
def test_a_store_with_damaged_files_is_used_or_mended(
    data: st.DataObject, zoo: Zoo, site: Path, store_home: Path, song: Path
) -> None:
    shutil.rmtree(store_home, ignore_errors=True)
    assert zoo("catalog", "add", "lab", site) == 0
    assert zoo("pull", "ours-1") == 0
    made = sorted(path for path in store_home.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(made))
    whole = path.read_bytes()
    if path.suffix == ".json" and data.draw(st.booleans()):
        path.write_bytes(data.draw(edited(json.loads(whole))))
    else:
        path.write_bytes(data.draw(damaged(whole)))
    commands: list[tuple[object, ...]] = [("ls", "--installed"), ("info", "ours-1"), ("verify",)]
    commands += [("path", "ours-1"), ("lock",), ("outdated",), ("doctor",), ("catalog", "ls")]
    commands += [("predict", "ours-1", song), ("update",), ("gc", "-y"), ("rm", "-y", "ours-1")]
    for words in commands:
        zoo(*words)
    zoo("catalog", "rm", "lab")
    assert zoo("pull", "ours-1", "--catalog", site) == 0


@few
@given(data=st.data())
def test_a_damaged_checkpoint_or_savedmodel_is_frozen_or_refused(
    data: st.DataObject, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    shutil.rmtree("from", ignore_errors=True)
    Path("from").mkdir()
    graph = graphs.graph("x = Placeholder\nv = VariableV2\ny = Mul x v")
    files = graphs.checkpoint({"v": np.arange(6, dtype=np.float32)}, graph)
    if data.draw(st.booleans()):
        ending = data.draw(st.sampled_from(sorted(files)))
        graphs.save({**files, ending: data.draw(damaged(files[ending]))}, Path("from/model"))
    else:
        whole = corpus.saved_model(graph.SerializeToString())
        Path("from/saved_model.pb").write_bytes(data.draw(damaged(whole)))
    zoo("freeze", "from", "-o", "frozen.pb", "--node", "y")
    zoo("inspect", "from")
    zoo("validate", "from")


@few
@given(data=st.data())
def test_a_damaged_onnx_model_is_used_or_refused(
    data: st.DataObject, zoo: Zoo, tmp_path: Path, song: Path
) -> None:
    path = lab.Network(tmp_path, "net").onnx()
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    for words in (("predict", path, song), ("inspect", path), ("validate", path)):
        zoo(*words)


@few
@given(data=st.data())
def test_a_damaged_history_is_asked_or_refused(data: st.DataObject, zoo: Zoo) -> None:
    Path("x.history").write_bytes(data.draw(damaged(history.serialize(histories.chain()))))
    Path("a.json").write_bytes(data.draw(edited(histories.POOL)))
    zoo("predict", "x.history", "a.json")
    zoo("inspect", "x.history")


@few
@given(data=st.data())
def test_a_damaged_data_set_is_collected_or_refused(
    data: st.DataObject, zoo: Zoo, network: Path, song: Path
) -> None:
    if not Path("whole").exists():
        words = ("predict", network, song, "--layer", "embeddings", "-o", "whole.parquet/")
        assert zoo(*words) == 0
        Path("whole.parquet").rename("whole")
    shutil.rmtree("rows.parquet", ignore_errors=True)
    shutil.copytree("whole", "rows.parquet")
    (part,) = Path("rows.parquet").glob("part-*")
    part.write_bytes(data.draw(damaged(part.read_bytes())))
    zoo("collect", "rows.parquet/", "--to", data.draw(st.sampled_from(["t.csv", "t.npz"])))
    zoo("similar", song, "--in", "rows.parquet/")


@few
@given(data=st.data())
def test_damaged_training_data_are_learned_from_or_refused(data: st.DataObject, zoo: Zoo) -> None:
    pytest.importorskip("sklearn")
    random = np.random.default_rng(0)
    files = [f"{name}/{number}.wav" for name in ("hum", "hiss") for number in range(4)]
    arrays = {"matrix": random.random((8, 3), np.float32), "files": files, "model": "tiny"}
    np.savez("a.npz", **arrays, classes=list("abc"), layer="embeddings")
    rows = "".join(f"{file},{file[:3]}\n" for file in files)
    Path("labels.csv").write_text(f"file,label\n{rows}")
    Path("grid.yaml").write_text("C: [-3, 0]\n")
    path = Path(data.draw(st.sampled_from(["a.npz", "labels.csv", "grid.yaml"])))
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    words = ("--learner", "linear", "--folds", 2, "--grid", "grid.yaml", "-o", "mine-1.pb")
    zoo("train", "a.npz", "--labels", "labels.csv", *words)
