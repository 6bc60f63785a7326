"""What was published under a name before: refused to be replaced, kept, or withdrawn."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from catalog.changes import changes
from catalog.errors import NoError, NotFoundError
from catalog.listing import Listed, ListedFile, Listing, Version, Withdrawal
from catalog.manifest import now
from catalog.names import base, version
from catalog.record import Record
from catalog.store import sha256_of
from zoo.publishing.publication import Publication

log = logging.getLogger("zoo")

LONGEST_WHY = 500
NETWORKS = ("pb", "onnx")
NAMED = (*NETWORKS, "json")
"""Kinds of files whose bytes a name stands for; all others follow from them."""


def of(before: Listing | None, id: str) -> Listed | None:
    """What is published under a name, without regard to case."""
    models = before.models if before else ()
    return next((each for each in models if each.id.lower() == id.lower()), None)


def require_new_names(
    publications: Iterable[Publication], before: Listing | None, replacing: bool
) -> None:
    """Refuse that another model takes a published name; or, if it is meant, say what breaks.

    A record that tells the same in other words is the same model.

    Raises
    ------
    NoError
    """
    taken: dict[str, str] = {}
    why: list[str] = []
    for publication in publications:
        id = publication.model.id
        old = of(before, id)
        if old is None:
            continue
        told = [f"{id}, {line}" for line in changes(Record(old.record), publication.model)]
        same = _last_networks(old) <= publication.digests
        if same and not told:
            continue
        if not replacing:
            taken[publication.word] = id
            why += told if same else [f"{id} has another network"]
            continue
        log.warning(
            f"{id} becomes another {'model' if same else 'network'}. Who has pulled it keeps the "
            "old one until zoo update; locks of the old one go on installing it"
            f"{'' if same else ', until --prune'}."
        )
        for line in told:
            log.warning(line)
    if taken:
        word, id = next(iter(taken.items()))
        raise NoError(
            f"{', '.join(taken.values())} is published already, and not the same.",
            why=f"{'; '.join(why)}. Who has pulled or locked it relies on what it was.",
            hint=f"Count the version up: name it {_next(id, before)}. "
            f"Or replace it, and be told what breaks: zoo publish {word} --replace",
        )


def withdrawn(kept: Iterable[Listed], reasons: Mapping[str, str]) -> tuple[Listed, ...]:
    """Models that stay, without the files of those that are withdrawn.

    Raises
    ------
    NotFoundError
        Nothing of this name is published, apart from what is published now.
    """
    there = {each.id: each for each in kept}
    for id, why in reasons.items():
        if id not in there:
            raise NotFoundError(
                f"{id} is not published here, or is published now.",
                why=f"There are: {', '.join(there)}." if there else "",
            )
        old = there[id]
        readers = [
            each.id
            for each in there.values()
            if each.record["zoo"].get("extractor", {}).get("id") == id and not each.withdrawn
        ]
        if readers:
            log.warning(f"{', '.join(readers)} cannot be pulled any more without {id}.")
        earlier = old.earlier if old.withdrawn else (_moved(old), *old.earlier)
        there[id] = replace(old, files=(), earlier=earlier, withdrawn=Withdrawal(now(), why))
    return tuple(there.values())


def after(old: Listed | None, new: Listed, prune: bool) -> Listed:
    """A model as it is listed after what had its name before."""
    if old is None:
        return replace(new, published=now())
    if old.files and _named(old) <= _named(new):
        return replace(new, published=old.published, earlier=() if prune else old.earlier)
    earlier = old.earlier if old.withdrawn else (_moved(old, new.files), *old.earlier)
    others = [each for each in earlier if not _named(each) <= _named(new)]
    return replace(new, published=now(), earlier=() if prune else tuple(others))


def copy(listed: Listed, old: Path, new: Path) -> None:
    """Take over the files of a model that were published before, if they are what they were.

    Parameters
    ----------
    listed : Listed
    old, new : Path
        The folder of before, and the one that is made; what is there already is not touched.

    Raises
    ------
    NoError
    """
    kept = [file for version in listed.earlier for file in version.files]
    for file in (*listed.files, *kept):
        place = new / file.path
        if place.exists():
            continue
        found = _found(file, old)
        if found is None:
            raise NoError(
                f"{old / file.path} is not what was published.",
                hint=f"Publish {listed.id} again, or drop all that is not named: --prune",
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, place)


def _found(file: ListedFile, old: Path) -> Path | None:
    """Where a file is: in its place, or, if it was replaced just now, in that of before."""
    path = old / file.path
    for candidate in (path, path.parents[1] / path.name):
        if candidate.is_file() and sha256_of(candidate) == file.sha256:
            return candidate
    return None


def _moved(old: Listed, new: Iterable[ListedFile] = ()) -> Version:
    """The files that others replace, where they are kept; what only browsers load is not."""
    there = {(file.kind, file.sha256) for file in new}
    gone = [file for file in old.files if (file.kind, file.sha256) not in there]
    files = tuple(replace(file, path=file.kept) for file in gone if file.kind != "web")
    return Version(files, old.published)


def _named(version: Listed | Version, kinds: Iterable[str] = NAMED) -> set[tuple[str, str]]:
    return {(file.kind, file.sha256) for file in version.files if file.kind in kinds}


def _last_networks(old: Listed) -> set[str]:
    """The digests that a name stands for now, or stood for when it was withdrawn."""
    last = old.earlier[0] if old.withdrawn and old.earlier else old
    named = Record(old.record).file("pb")
    return {digest for _, digest in _named(last, NETWORKS)} or {*(named.sha256 if named else ())}


def _next(id: str, before: Listing | None) -> str:
    """The identity of the version after all that are published."""
    family = base(Record({"zoo": {"id": id}}))
    there = [Record(each.record) for each in (before.models if before else ())]
    newest = max([1, *(version(model) for model in there if base(model) == family)])
    return f"{family}-{newest + 1}"
