"""The record to check, what to compare it with, and what it says of layers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import ZooError
from catalog.fields import Layer
from catalog.manifest import is_safe
from catalog.record import Record
from catalog.schema import require_readable


@dataclass(frozen=True)
class CheckedRecord:
    """A record to check, and what to compare it with.

    Attributes
    ----------
    record : Record
    name : str
        The file's name without its ending.
    known : Record or None
        The record of this name in the catalog; not the record itself.
    folder : Path or None
        Where its metadata file is.
    """

    record: Record
    name: str
    known: Record | None
    folder: Path | None = None

    @property
    def extractor_name(self) -> str | None:
        """The model that a head reads: from the record, or from Essentia's own key."""
        if self.record.extractor:
            return self.record.extractor.id
        name: str | None = (self.record.inference.get("embedding_model") or {}).get("model_name")
        return name

    @property
    def extractor(self) -> Record | None:
        """The record of the model that a head reads: the one beside it, or the catalog's."""
        from catalog.index import in_catalog

        name = self.extractor_name
        return (beside(self.folder, name) or in_catalog(name)) if name else None


def beside(folder: Path | None, id: str) -> Record | None:
    """The record of a model that lies in a folder together with its network."""
    if folder is None or not is_safe(id):
        return None
    path = folder / f"{id}.json"
    if not path.is_file() or not path.with_suffix(".pb").is_file():
        return None
    try:
        record = Record.load(path)
        require_readable(record.document, str(path))
    except ZooError:
        return None
    return Record({**record.document, "zoo": {"id": id, **record.zoo}})


def predictions(record: Record) -> Layer | None:
    """The output with the purpose predictions."""
    return next((layer for layer in record.outputs if layer.purpose == "predictions"), None)


def embeddings(checked: CheckedRecord) -> Layer | None:
    """The layer of its extractor that a head reads."""
    if checked.extractor is None:
        return None
    named = checked.record.extractor or (checked.known and checked.known.extractor)
    try:
        return checked.extractor.layer((named and named.layer) or "embeddings")
    except ZooError:
        return None


def shapes_agree(ours: tuple[int | str | None, ...], theirs: tuple[int | str | None, ...]) -> bool:
    """Whether two shapes can be of one tensor, the batch axis of either left out.

    Axes of unknown size agree with all; so do those of size 1 at the beginning of either,
    because metadata write ``[1, 50]`` for a batch of any size.
    """
    pairs = list(zip(reversed(ours), reversed(theirs), strict=False))
    numbers = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    if len(pairs) > 1 and pairs[-1] in numbers and 1 in pairs[-1]:
        numbers.remove(pairs[-1])
    return all(a == b or a < 0 or b < 0 for a, b in numbers)


def layer_text(layer: Layer) -> str:
    """A layer with its shape, as the metadata write it."""
    return f"{layer.name} {json.dumps(layer.shape)}"
