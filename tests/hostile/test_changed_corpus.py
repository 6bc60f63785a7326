"""Hostile models, changed at random, and whole commands on them: nothing gets out of hand.

``ZOO_FUZZ=N`` tries N cases.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from catalog.errors import ZooError
from freeze.formats import graphdef
from freeze.formats.messages import GraphDef
from tests.support import SHARED, fuzzing, lab, mutations
from tests.support.forking import Answer, Forks, import_commands

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(0)]

SECONDS, MEMORY = 10, 10**9

fuzz = settings(fuzzing.examples(6), deadline=None, phases=[Phase.generate])


def seeds() -> list[Path]:
    """What the corpus has: single networks and files, and folders of a model."""
    hostile, holes = SHARED / "cases/hostile", SHARED / "cases/graphs/holes"
    found = [*hostile.glob("*.pb"), *hostile.glob("*.wav"), *hostile.glob("onnx/*.onnx")]
    found += [*hostile.glob("locks/*"), *hostile.glob("records/*"), *holes.rglob("*.pb")]
    found += [hostile / "tfjs-surrogate", hostile / "export-negative-dims"]
    return sorted(found)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def zoo(place: Path) -> Iterator[Forks]:
    (place / "tmp").mkdir()
    places = {"ZOO_HOME": place / "store", "TMPDIR": place / "tmp", "ZOO_OFFLINE": 1}
    with Forks(places, import_commands) as forks:
        yield forks


def copied(seed: Path, folder: Path) -> list[Path]:
    """Put a seed, with the record beside it, into an empty folder; its files."""
    shutil.rmtree(folder, ignore_errors=True)
    if seed.is_dir():
        shutil.copytree(seed, folder)
    else:
        folder.mkdir()
        for path in {seed, seed.with_suffix(".json")}:
            if path.exists():
                shutil.copy(path, folder)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def change(path: Path, data: st.DataObject) -> None:
    """Change a file: a graph or a document by its structure, or any file by its bytes."""
    whole = path.read_bytes()
    if data.draw(st.integers(0, 3)):
        if path.suffix == ".pb":
            random = Random(data.draw(st.integers(0, 2**32)))
            graph = GraphDef.FromString(whole)
            mutations.mutate(graph, random)
            path.write_bytes(graphdef.serialize(graph))
            return
        if path.suffix in (".json", ".lock"):
            path.write_bytes(data.draw(fuzzing.edited(json.loads(whole))))
            return
    path.write_bytes(data.draw(fuzzing.damaged(whole)))


def words(folder: Path, files: list[Path], song: Path, data: st.DataObject) -> tuple[object, ...]:
    """A command for what is in the folder."""
    endings = {path.suffix: path for path in files}
    if ".lock" in endings:
        return "pull", "--locked", endings[".lock"], "--mirror", "nowhere"
    if ".wav" in endings:
        (folder / "model").mkdir()
        return "predict", lab.Network(folder / "model").path, endings[".wav"]
    network = endings.get(".pb") or endings.get(".onnx")
    model = network or (folder if ".bin" in endings else files[0])
    commands: list[tuple[object, ...]] = [("validate", model), ("inspect", model)]
    if network or ".bin" in endings:
        commands += 3 * [("predict", model, song)]
        commands += [("export", model, "--to", form, "-o", folder / "o") for form in ("tfjs", "pb")]
        commands += [("validate", files[0], model), ("inspect", model, "--layers")]
    return data.draw(st.sampled_from(commands))


def harmless(answer: Answer) -> None:
    """Check what must hold, whatever the command was given."""
    assert "Traceback" not in answer.err and "bug in zoo" not in answer.err
    assert "\x1b" not in answer.out + answer.err
    assert answer.code in (0, 1, 2, 3, 4, 5, 6)
    assert answer.code == 0 or (answer.out + answer.err).strip(), "not a word"
    assert answer.seconds < SECONDS and answer.memory < MEMORY


def state(place: Path) -> set[str]:
    """All files but those in the store, and in the folder of the case."""
    own = (place / "case", place / "store")
    return {str(path) for path in place.rglob("*") if not any(map(path.is_relative_to, own))}


@fuzz
@given(data=st.data())
def test_a_changed_hostile_file_ends_with_an_answer_or_a_sentence(
    data: st.DataObject, zoo: Forks, place: Path
) -> None:
    song = place / "song.wav"
    if not song.exists():
        lab.audio(song, lab.sine(16000), 16000)
    files = copied(data.draw(st.sampled_from(seeds())), place / "case")
    for path in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=2, unique=True)):
        try:
            change(path, data)
        except (ZooError, ValueError):  # a seed that is no graph or no document
            path.write_bytes(data.draw(fuzzing.damaged(path.read_bytes())))
    before = state(place)
    command = words(place / "case", files, song, data)
    answer = zoo.run(*command, folder=place / "case")
    try:
        harmless(answer)
        assert state(place) == before
    except AssertionError as error:
        kept = Path(shutil.copytree(place / "case", place / "found", dirs_exist_ok=True))
        raise AssertionError(f"{' '.join(map(str, command))}: see {kept}") from error
