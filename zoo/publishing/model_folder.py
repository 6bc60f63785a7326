"""The folder of a model in a published site."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from catalog.errors import UsageError
from catalog.listing import Listed, ListedFile
from catalog.record import Record
from catalog.store import sha256_of
from zoo.publishing.publication import Publication
from zoo.publishing.storefront import MODELS, WEB

log = logging.getLogger("zoo")


def write(publication: Publication, plain: bool, new: Path) -> Listed:
    """Write the folder of a model, its web model proven equal."""
    from convert.tfjs import archive

    id = publication.model.id
    folder = new / MODELS / id
    folder.mkdir(parents=True)
    shutil.copyfile(publication.network.path, folder / f"{id}.pb")
    record = Record(publication.record)
    (folder / f"{id}.json").write_text(record.to_json(), encoding="utf-8")
    onnx = publication.network.path.with_suffix(".onnx")
    if onnx.is_file():
        shutil.copyfile(onnx, folder / onnx.name)
    if _write_web(publication, plain, folder / WEB):
        archive(folder / WEB, folder / f"{id}-tfjs.zip")
    return Listed(record.document, tuple(_listed_files(folder, new)))


def _write_web(publication: Publication, plain: bool, folder: Path) -> bool:
    """Write the web model: one that hears audio by itself, where that can be and may be."""
    from zoo.exporting.exporter import export
    from zoo.finding import Found

    model = publication.model
    found = Found(model, publication.network)
    head = model.extractor is not None
    for whole in (False,) if plain or model.descriptors else (True, False):
        try:
            export(found, "tfjs", folder, with_frontend=whole, with_extractor=whole and head)
            return True
        except UsageError as error:
            without = "its front-end" if whole else "a web model"
            log.info(f"{model.id} is published without {without}: {error.message} {error.why}")
    return False


def _listed_files(folder: Path, root: Path) -> Iterator[ListedFile]:
    kinds = {".pb": "pb", ".json": "json", ".onnx": "onnx", ".zip": "tfjs"}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            kind = kinds[path.suffix] if path.parent == folder else "web"
            place = path.relative_to(root).as_posix()
            yield ListedFile(place, kind, path.stat().st_size, sha256_of(path))
