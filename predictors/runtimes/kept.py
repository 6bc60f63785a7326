"""Networks that OpenVINO compiled, kept in the store: taking one up is quicker than compiling.

Nothing is lost with the folder. Its files begin with a digest of the rest, as a damaged one could
compute wrong numbers; it is no word of who wrote it, so that what is kept is as safe as the
store's models are, and only networks that a digest vouches for are.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from catalog.errors import StorageError
from catalog.storage import write_whole
from catalog.store import Store
from predictors.runtimes.graph import digest

FOLDER = "compiled"
MOST = 1 << 30
"""Bytes that are kept; what was not used for longest goes first."""


def compiled(key: str, settings: Mapping[str, Any], compile: Callable[[], Any]) -> Any:
    """Take up a network that was compiled earlier, or compile it and keep it.

    Parameters
    ----------
    key : str
        A digest of the network, and of the shapes that it is compiled for.
    settings : mapping of str to object
        OpenVINO's.
    compile : callable
        Makes the network where none is kept.

    Returns
    -------
    openvino.CompiledModel
    """
    import openvino

    core = openvino.Core()
    machine = core.get_property("CPU", "FULL_DEVICE_NAME")
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    told = openvino.get_version(), machine, sorted(able), sorted(settings.items())
    path = _folder(Store.default()) / digest(key, *told)
    if (blob := _read(path)) is not None:
        with suppress(RuntimeError):
            return core.import_model(blob, "CPU", dict(settings))
    made = compile()
    with suppress(StorageError, OSError):  # a full disk is for others to tell of
        _keep(path, made.export_model().getvalue())
    return made


def size(store: Store) -> int:
    """Bytes that a store keeps of compiled networks."""
    return sum(each.stat().st_size for each in _files(store))


def discard(store: Store, most: int = 0) -> None:
    """Remove the networks that were not used for longest, until so many bytes are left."""
    left = size(store)
    for path in sorted(_files(store), key=lambda each: each.stat().st_mtime):
        if left <= most:
            return
        left -= path.stat().st_size
        path.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    """What is kept in a file, if it is whole; the file is the last to go from now on."""
    try:
        with path.open("rb", buffering=0) as file:
            digest, blob = file.read(32), file.readall()
        os.utime(path)
    except OSError:
        return None
    return blob if hashlib.sha256(blob).digest() == digest else None


def _keep(path: Path, blob: bytes) -> None:
    if len(blob) > MOST:
        return
    store = Store.default()
    write_whole(path, hashlib.sha256(blob).digest() + blob, store.parts)
    discard(store, MOST)


def _folder(store: Store) -> Path:
    return store.home / FOLDER


def _files(store: Store) -> list[Path]:
    folder = _folder(store)
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
