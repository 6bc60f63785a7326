"""Models that are pickled here and used on another machine."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError, NotFoundError
from tests.support import lab
from zoo import api, elsewhere

pytestmark = pytest.mark.slow

Run = Callable[..., Any]


@pytest.fixture
def published(zoo: Run, tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lab's folder with a model, which is added to the catalogs of this machine."""
    monkeypatch.chdir(tmp_path)
    lab.described(tiny.path, license="MIT")
    assert zoo("publish", "tiny.json", "--to", "site").code == 0
    assert zoo("catalog", "add", "lab", "site").code == 0
    tiny.path.unlink()
    tiny.path.with_suffix(".json").unlink()
    return tmp_path / "site"


def move_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go on as another machine would: with an empty store, and without this one's."""
    (tmp_path / "zoo-home").rename(tmp_path / "away")
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "other"))


def test_a_model_of_a_catalog_is_pulled_where_it_is_unpickled(
    published: Path, zoo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = lab.impulses(16000)
    model = api.load_many(["tiny"])
    expected = model.predict(clip, 16000)["tiny"].activations
    sent = pickle.dumps(model)
    assert len(sent) < 50_000
    move_away(tmp_path, monkeypatch)
    found = pickle.loads(sent).predict(clip, 16000)["tiny"].activations
    np.testing.assert_array_equal(found, expected)
    assert list((tmp_path / "other").rglob("tiny.pb"))


def test_another_network_of_that_name_is_not_used(
    published: Path, zoo: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = api.load("tiny")
    digest = model.model.file.sha256
    sent = pickle.dumps(model).replace(digest.encode(), b"0" * len(digest))
    move_away(tmp_path, monkeypatch)
    with pytest.raises(IntegrityError, match="not the expected file"):
        pickle.loads(sent)


def test_a_network_of_ones_own_must_be_there(
    tiny: Any, tmp_path: Path, store_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "received", {})
    sent = pickle.dumps(api.load(tiny.path))
    assert pickle.loads(sent).predict(lab.impulses(16000), 16000).model == "tiny"
    tiny.path.rename(tmp_path / "away.pb")
    with pytest.raises(NotFoundError, match="not on this machine"):
        pickle.loads(sent)
