"""Labelled files as users have them: folders, tables, Gaia's ground truth."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.errors import NotFoundError, UsageError
from training import tables
from training.documents import load_yaml
from training.labels import Labelled

log = logging.getLogger("zoo")

YAML = (".yaml", ".yml", ".json")


def read(words: Sequence[Path], endings: Sequence[str], groups: str | None) -> list[Labelled]:
    """Read what files there are and how they are labelled.

    Parameters
    ----------
    words : sequence of Path
        A folder with one folder per class, a table (see `tables.read`), or the ground truth and
        the list of files that Gaia reads.
    endings : sequence of str
        Of the files in folders that count, in lower case.
    groups : str, optional
        The column of a table that names each file's group.

    Raises
    ------
    NotFoundError
        There is no such file or folder, or nothing in it.
    UsageError, IntegrityError
        It is not understood.
    """
    first, *others = words
    if first.suffix.lower() in tables.ENDINGS and not first.is_dir() and not others:
        return tables.read(first, groups)
    if groups:
        raise UsageError(
            "Groups are a column of a table, and these are no table.",
            hint=f"Write a table with the columns file, label and {groups}: zoo train files.csv",
        )
    if len(words) == 2 and all(word.suffix.lower() in YAML for word in words):
        return ground_truth(load_yaml(words[0]), load_yaml(words[1]), words[1].parent)
    if others:
        raise UsageError(
            "What to train on is one folder or table, or Gaia's two YAML files.",
            why=f"There are {len(words)}: {', '.join(map(str, words))}.",
        )
    if first.is_dir():
        return folders(first, endings)
    if not first.exists():
        raise NotFoundError(f"There is no file {first}.")
    raise UsageError(
        f"{first} is not understood as labelled files.",
        why="It is no folder, and does not end in .csv, .tsv, .jsonl, .parquet or .npz.",
    )


def folders(root: Path, endings: Sequence[str]) -> list[Labelled]:
    """The files in the folders of a folder; each folder, with all in it, is a class.

    Raises
    ------
    NotFoundError
        There are none.
    """
    found, classless = [], 0
    for file in sorted(root.rglob("*")):
        place = file.relative_to(root)
        hidden = any(part.startswith(".") for part in place.parts)
        if hidden or file.suffix.lower() not in endings or not file.is_file():
            continue
        if len(place.parts) == 1:
            classless += 1
        else:
            found.append(Labelled(str(file), (place.parts[0],)))
    if not found:
        raise NotFoundError(
            f"{root} has no folders with files to train on.",
            why="Each class is a folder in it.",
            hint=f"{root}/rock/song.mp3, {root}/jazz/tune.flac",
        )
    if classless:
        log.warning("%d files in %s are in no folder of a class: left out.", classless, root)
    return found


def ground_truth(one: Any, other: Any, folder: Path) -> list[Labelled]:
    """What Gaia's ground truth says of the files in its list of files, in either order.

    Raises
    ------
    UsageError
        They are not these two, or not of the same files.
    """
    truth, files = (one, other) if _is_truth(one) else (other, one)
    if not _is_truth(truth) or not isinstance(files, Mapping):
        raise UsageError(
            "These are not Gaia's ground truth and list of files.",
            why="One maps groundTruth to the class of each id, the other each id to a file.",
        )
    classes = truth["groundTruth"]
    if alone := sorted(map(str, classes.keys() ^ files.keys())):
        raise UsageError(
            "The ground truth and the list of files are not of the same files.",
            why=f"Only in one of them: {', '.join(alone[:5])}.",
        )
    return [Labelled(str(folder / str(files[id])), (str(name),)) for id, name in classes.items()]


def class_name(words: Sequence[Path]) -> str:
    """What Gaia's ground truth calls its classes together; empty where there is none."""
    documents = map(load_yaml, words) if len(words) == 2 else ()
    named = (each.get("className") for each in documents if _is_truth(each))
    return next((name for name in named if isinstance(name, str)), "")


def _is_truth(document: Any) -> bool:
    return isinstance(document, Mapping) and isinstance(document.get("groundTruth"), Mapping)
