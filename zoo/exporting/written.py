"""The file or folder of an export, on its way to its place."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from catalog.errors import UsageError
from catalog.exchange import exchange

Format = Literal["tfjs", "onnx", "pb"]


def archived(folder: Path) -> Path:
    from convert.tfjs import archive

    path = folder.with_suffix(".zip")
    archive(folder, path)
    return path


def size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def check_place(to: Path, kind: Format) -> None:
    """Refuse to write where something else lies.

    Raises
    ------
    UsageError
    """
    folder = kind == "tfjs" and to.suffix != ".zip"
    if folder and to.is_dir():
        others = [f.name for f in to.iterdir() if f.name != "model.json" and f.suffix != ".bin"]
        if others:
            raise UsageError(
                f"{to} holds other files.", why=f"One is {others[0]}.", hint="Name a new folder."
            )
    elif to.is_dir() or (folder and to.exists()):
        wanted = "a folder" if folder else f"a {kind} file"
        raise UsageError(f"{to} cannot be written as {wanted}.", why="Something else is there.")


def place(written: Path, to: Path) -> None:
    """Move a finished file or folder where it belongs; what it replaces goes last."""
    if not to.is_dir():
        written.replace(to)
        return
    if not exchange(written, to):
        to.rename(written.with_name("old"))
        written.rename(to)
