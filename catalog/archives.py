"""Archives of histories of Gaia: what is in them, and the models that these are.

A history in an archive is a model: it is called ``ARCHIVE/NAME``, as if the archive were a
catalog. It is unpacked beside the archive when that is installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from catalog.errors import IntegrityError
from catalog.manifest import is_safe
from catalog.record import Record

if TYPE_CHECKING:
    from catalog.manifest import Manifest

HISTORY = ".history"
"""How the names of these files end."""

LARGEST = 256 << 20
MOST = 10_000
"""Bytes of all files in an archive, and how many; the known ones have 30 million in 18."""


def histories(path: Path) -> dict[str, bytes]:
    """Unpack the histories of an archive, wherever in it they are.

    Parameters
    ----------
    path : Path
        A tar file, compressed or not.

    Returns
    -------
    dict of str to bytes
        By their names without folders.

    Raises
    ------
    IntegrityError
        It is damaged or hostile, or holds no history, or two of one name.
    """
    import tarfile

    found: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(path) as archive:
            for count, member in enumerate(archive):
                total += member.size  # before anything of it is unpacked
                if total > LARGEST or count >= MOST:
                    raise IntegrityError(f"{path.name} holds far more than any known archive.")
                name = PurePosixPath(member.name).name
                content = archive.extractfile(member) if member.isreg() else None
                if content is None or not name.endswith(HISTORY) or not is_safe(name):
                    continue
                if name in found:
                    raise IntegrityError(f"{path.name} holds {name} twice.")
                found[name] = content.read()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        why = str(error) or type(error).__name__
        raise IntegrityError(f"{path.name} is a damaged archive.", why=f"{why}.") from None
    if not found:
        raise IntegrityError(f"{path.name} holds no history of Gaia.")
    return found


def is_archive(model: Record) -> bool:
    """Whether a record is of an archive of histories."""
    return model.kind == "svm" and model.file("archive") is not None


def members(archive: Record, manifest: Manifest | None) -> Iterator[Record]:
    """The models in an archive: those that are installed, or else those that its record names."""
    installed = [
        file.path.removesuffix(HISTORY)
        for file in (manifest.files if manifest else ())
        if file.path.endswith(HISTORY)
    ]
    for name in installed or archive.members:
        block = {"id": name, "kind": "svm", "family": archive.family, "archive": archive.id}
        shared = {"task": archive.task, "license": archive.license, "status": archive.status}
        block |= {key: value for key, value in shared.items() if value}
        document = {
            "name": name,
            "description": f"The support vector machine {name} of the archive {archive.name}.",
            "framework": "gaia",
            "model_types": ["gaia_history"],
            "zoo": block,
        }
        yield Record(document, archive.full_name)


def with_members(models: Iterable[Record], manifests: Iterable[Manifest] = ()) -> list[Record]:
    """Models, and those in the archives among them."""
    there = {manifest.id: manifest for manifest in manifests}
    found = list(models)
    for model in list(found):
        if is_archive(model):
            found += members(model, there.get(model.id))
    return found
