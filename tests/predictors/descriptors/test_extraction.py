"""Descriptors of audio, computed by Essentia in a process of its own."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from catalog.errors import AudioError, MissingExtraError, NotFoundError
from predictors.descriptors import extraction
from predictors.descriptors.extraction import extracted
from tests.support import lab

PRETENDED = """
class log:
    infoActive = warningActive = True
"""
PRETENDED_EXTRACTOR = """
import json

class Pool(dict):
    def removeNamespace(self, name):
        for each in [key for key in self if key.startswith(name + ".")]:
            del self[each]

def MusicExtractor():
    def extract(path):
        print("noise on stdout")
        if "silent" in path:
            raise RuntimeError("In MusicExtractor.compute: File looks like a silent file")
        tags = {"metadata.tags.title": "secret"}
        return Pool({"low.mean": [0.5, 0.25, -1], "file": path, **tags}), None
    return extract

def YamlOutput(filename, format):
    assert format == "json"
    return lambda pool: open(filename, "w").write(json.dumps(pool))
"""


@pytest.fixture
def essentia(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that goes by that name, in this process and in others."""
    package = tmp_path / "site" / "essentia"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PRETENDED)
    (package / "standard.py").write_text(PRETENDED_EXTRACTOR)
    monkeypatch.delitem(sys.modules, "essentia", raising=False)
    monkeypatch.syspath_prepend(str(package.parent))
    paths = [str(package.parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))


@pytest.mark.slow
@pytest.mark.usefixtures("essentia")
def test_descriptors_are_computed_and_kept_without_tags(tmp_path: Path) -> None:
    song, keep = tmp_path / "song.wav", tmp_path / "kept" / "song.wav.json"
    song.write_bytes(b"")
    found = extracted(song, keep)
    assert found == {"low.mean": [0.5, 0.25, -1], "file": str(song)}
    assert "secret" not in keep.read_text() and "low.mean" in keep.read_text()
    assert "essentia" not in sys.modules


@pytest.mark.slow
@pytest.mark.usefixtures("essentia")
def test_what_essentia_says_is_the_reason(tmp_path: Path) -> None:
    song = tmp_path / "silent.wav"
    song.write_bytes(b"")
    with pytest.raises(AudioError, match="gives no descriptors") as raised:
        extracted(song, tmp_path / "kept.json")
    assert "silent file" in raised.value.why and not (tmp_path / "kept.json").exists()


def test_essentia_is_an_extra_with_its_own_license(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "find_spec", lambda _: None)
    song = tmp_path / "song.wav"
    song.write_bytes(b"")
    with pytest.raises(MissingExtraError) as raised:
        extracted(song)
    assert "AGPL" in raised.value.why and "audiozoo[descriptors]" in raised.value.hint
    with pytest.raises(NotFoundError):
        extracted(tmp_path / "other.wav")


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("essentia"), reason="Essentia is not installed")
def test_essentia_itself_gives_what_models_of_today_need(tmp_path: Path) -> None:
    song = lab.audio(tmp_path / "song.wav", lab.impulses(44100), 44100)
    found = extracted(song)
    assert found["metadata.audio_properties.length"] == pytest.approx(14)
    assert len(found["lowlevel.mfcc.mean"]) == 13
    assert isinstance(found["tonal.key_temperley.key"], str)
