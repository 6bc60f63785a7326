"""YAML as users and Gaia write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, MissingExtraError
from catalog.storage import reading


def load_yaml(path: Path) -> Any:
    """Read a YAML file.

    Raises
    ------
    MissingExtraError
        PyYAML is not installed.
    NotFoundError, StorageError, IntegrityError
    """
    try:
        import yaml
    except ImportError:
        raise MissingExtraError.of("train", f"{path} cannot be read without PyYAML.") from None
    with reading(path):
        data = path.read_bytes()
    try:
        return yaml.safe_load(data)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        first = str(error).partition("\n")[0]
        raise IntegrityError(f"{path} cannot be read as YAML.", why=first) from None
