"""Networks that are built by their recipes where they are asked for, or cannot be reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import catalog.index
from catalog import lock
from catalog.download.address import OFFICIAL
from catalog.errors import (
    ChecksumError,
    IntegrityError,
    NetworkError,
    OfflineError,
    UsageError,
)
from tests.support.pulling import NETWORK, Session, record, sha256
from zoo.pulling.added_catalogs import Sources
from zoo.pulling.puller import Puller

BUILT = b"\n\x07rebuilt" * 1000
RECIPE = {
    "distribution": "authors",
    "version": "1.0",
    "wheel_sha256": "0" * 64,
    "checkpoint": "authors/model/",
    "outputs": ["model/Sigmoid"],
    "training_flags": [],
    "sha256": sha256(BUILT),
    "size": len(BUILT),
    "license": "ISC",
}


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The checkpoints that were built, by a stand-in for the real thing."""
    built: list[str] = []

    def build(recipe: Any, folder: Path) -> bytes:
        built.append(recipe.checkpoint)
        return BUILT

    monkeypatch.setattr("freeze.recipe.build", build)
    return built


def test_offline_asks_nobody_and_builds_nothing_unasked(
    session: Session, monkeypatch: pytest.MonkeyPatch, builds: list[str]
) -> None:
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    with pytest.raises(OfflineError, match="ZOO_OFFLINE"):
        session.pull(record(recipe=RECIPE))
    assert session.server.requests == builds == []


def test_an_extractor_that_is_there_is_not_spoken_of(
    session: Session, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    extractor = record(recipe=RECIPE)
    session.pull(extractor, from_source=True)
    session.log.clear()
    session.server.files["/m/m-2.pb"] = NETWORK
    head = record(id="m-2", files=[{"kind": "pb", "urls": [f"{OFFICIAL}/m/m-2.pb"]}])
    monkeypatch.setattr("zoo.pulling.puller.with_extractors", lambda models: [extractor, *models])
    assert session.pull(head).model is head
    assert not session.says("built by its recipe")


def test_from_source_builds_and_tells_the_recipe_and_its_license(
    session: Session, builds: list[str]
) -> None:
    pulled = session.pull(record(recipe=RECIPE), from_source=True)
    assert (pulled.source, pulled.sha256) == ("recipe", sha256(BUILT))
    assert session.files()["m-1.pb"] == BUILT
    manifest = session.store.manifest("m-1")
    assert manifest is not None
    assert (manifest.license, manifest.main.checked, manifest.main.url) == ("ISC", "recipe", None)
    assert session.says("ISC")
    assert session.server.requests == []


def test_a_build_that_differs_from_the_recorded_one_is_not_placed(
    session: Session, builds: list[str]
) -> None:
    with pytest.raises(ChecksumError, match="recipe"):
        session.pull(record(recipe={**RECIPE, "sha256": "0" * 64}), from_source=True)
    assert session.files() == {}


def test_from_source_needs_a_recipe(session: Session) -> None:
    with pytest.raises(UsageError, match="no recipe"):
        session.pull(record(), from_source=True)


def test_what_cannot_be_reached_is_built_and_said(session: Session, builds: list[str]) -> None:
    del session.server.files["/m/m-1.pb"]
    assert session.pull(record(recipe=RECIPE)).source == "recipe"
    assert session.says("HTTP 404", "authors' own release")


def test_what_is_not_believed_is_not_built_instead(session: Session, builds: list[str]) -> None:
    session.server.files["/m/m-1.pb"] = NETWORK[::-1]
    with pytest.raises(ChecksumError):
        session.pull(record(recipe=RECIPE))
    assert builds == []


def test_official_and_recipe_are_switched_only_when_asked(
    session: Session, builds: list[str]
) -> None:
    model = record(recipe=RECIPE)
    assert session.pull(model).source == "mirror"
    assert session.pull(model, from_source=True).source == "recipe"
    assert session.pull(model, from_source=True).status == "already"
    assert (session.pull(model).source, session.pull(model).status) == ("recipe", "already")
    assert session.says("--force")
    assert session.pull(model, force=True).source == "mirror"
    assert len(builds) == 1


def test_a_lock_of_a_build_is_built_again_or_refused(
    session: Session, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = record(recipe=RECIPE)
    session.pull(model, from_source=True)
    manifest = session.store.manifest("m-1")
    assert manifest is not None
    entry = lock.entry(manifest)
    known = catalog.index.Catalog((model,))
    monkeypatch.setattr(catalog.index, "catalog", lambda: known)
    puller = Puller(Sources(session.store, session.server.url, locked=True))
    assert puller.pull(lock.model(entry)).status == "already"
    session.store.remove("m-1")
    assert puller.pull(lock.model(entry)).source == "recipe"
    assert session.server.requests == []
    assert session.store.manifest("m-1").license == "ISC"  # type: ignore[union-attr]
    other = catalog.index.Catalog((record(recipe={**RECIPE, "checkpoint": "other/"}),))
    monkeypatch.setattr(catalog.index, "catalog", lambda: other)
    with pytest.raises(IntegrityError, match="a different recipe"):
        lock.model(entry)


def test_a_locked_file_that_cannot_be_reached_is_not_built_instead(
    session: Session, builds: list[str]
) -> None:
    model = record(recipe=RECIPE)
    session.pull(model)
    manifest = session.store.manifest("m-1")
    assert manifest is not None
    locked = lock.model(lock.entry(manifest))
    session.pull(model, from_source=True)
    session.server.files.clear()
    puller = Puller(Sources(session.store, session.server.url, locked=True))
    with pytest.raises(NetworkError):
        puller.pull(locked)
    assert session.files()["m-1.pb"] == BUILT  # what was there is there still
