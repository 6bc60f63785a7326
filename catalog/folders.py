"""Folders of further records, which ``ZOO_CATALOG`` lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from catalog.errors import IntegrityError, NotFoundError
from catalog.record import Record


def records(folders: Iterable[Path]) -> Iterator[Path]:
    """The files of further records.

    Raises
    ------
    NotFoundError
        There is no such folder.
    """
    for folder in folders:
        if not folder.is_dir():
            raise NotFoundError(
                f"There is no folder {folder}.",
                why="ZOO_CATALOG lists it as a folder of records.",
                hint="Create it, or remove it from the list: "
                f"ZOO_CATALOG={os.environ.get('ZOO_CATALOG', '')}",
            )
        yield from sorted(folder.rglob("*.json"))


def checked(path: Path) -> Record:
    """Load a record that somebody else wrote.

    Raises
    ------
    IntegrityError
        It is no record, or not of the model that its file is named after.
    """
    from jsonschema.exceptions import best_match

    from catalog.schema import differences

    model = Record.load(path)
    error = best_match(differences(model.document))
    why = f"{error.json_path}: {error.message}" if error else ""
    if not why and model.id != path.stem:
        why = f"Its id is {model.id}, which must also be the name of the file."
    if why:
        raise IntegrityError(
            f"{path} is not a model record.",
            why=why,
            hint="Correct it, or remove its folder from ZOO_CATALOG.",
        )
    return model
