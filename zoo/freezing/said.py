"""What only people know of a model: its classes, license, author, and the model it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from catalog.storage import reading

if TYPE_CHECKING:
    from catalog.fields import DescriptorInput
    from catalog.json_text import Place
    from catalog.record import Document, Record
    from freeze.analysis.summary import Summary


@dataclass(frozen=True)
class Said:
    """What an author says of a model.

    Attributes
    ----------
    classes : tuple of str
        In the order of the predictions.
    license : str
        SPDX id.
    author : str
        A name; an e-mail address may stand behind it, as in ``Ada <ada@lab.example>``.
    extractor : Record or None
        The model whose embeddings it reads.
    descriptors : tuple of DescriptorInput
        What a row of its input holds, as a history tells.
    """

    classes: tuple[str, ...] = ()
    license: str = ""
    author: str = ""
    extractor: Record | None = None
    descriptors: tuple[DescriptorInput, ...] = ()

    @classmethod
    def of(
        cls,
        classes: str | Path | Sequence[str] | None,
        license: str,
        author: str,
        extractor: str,
        folder: Path,
    ) -> Said:
        """Take an author's words.

        Parameters
        ----------
        classes : path or sequence of str, optional
            Names, or a file of them, one per line.
        license, author : str
        extractor : str
            A model in the same folder, or of the catalog.
        folder : Path

        Raises
        ------
        NotFoundError
            There is no such file, or no such extractor.
        UsageError
            No names, or one that occurs twice; or the extractor has no embeddings.
        AmbiguousNameError
        """
        from catalog.index import catalog
        from validate.record import beside

        names = _lines(Path(classes)) if isinstance(classes, str | Path) else tuple(classes or ())
        if classes is not None:
            _require_names(names, classes)
        reads = beside(folder, extractor) if extractor else None
        if extractor:
            reads = reads or catalog().find(extractor)
            reads.layer("embeddings")
        return cls(names, license, author, reads)

    def places(self) -> Iterator[tuple[Place, Any]]:
        """Where in a record it stands, and the values."""
        if self.classes:
            yield ("classes",), list(self.classes)
        if self.author:
            name, address = parseaddr(self.author) if "<" in self.author else (self.author, "")
            yield ("author",), name or address
            if address:
                yield ("email",), address
        if self.license:
            yield ("zoo", "license"), self.license
        if self.descriptors:
            yield ("inference",), {}
            yield ("zoo", "kind"), "end-to-end"
            yield ("zoo", "family"), "gaia"
            yield ("zoo", "descriptors"), [each.to_json() for each in self.descriptors]
        if self.extractor:
            yield ("inference",), _inference(self.extractor)
            yield ("zoo", "kind"), "head"
            yield ("zoo", "extractor"), {"id": self.extractor.id}
            if self.extractor.family:
                yield ("zoo", "family"), self.extractor.family

    def require_fitting(self, schema: Document) -> None:
        """Refuse classes and an extractor of other widths than the network's.

        Raises
        ------
        UsageError
        """
        width = _width(_predictions(schema))
        if self.classes and width not in (None, len(self.classes)):
            raise UsageError(
                f"{len(self.classes)} classes do not fit {width} predictions.",
                why="Each value of the predictions has one name, in their order.",
            )
        reads = self.extractor.layer("embeddings") if self.extractor else None
        taken = _width(schema["inputs"][0]) if schema["inputs"] else None
        if self.extractor and reads and reads.shape and taken not in (None, reads.shape[-1]):
            raise UsageError(
                f"It cannot read the embeddings of {self.extractor.id}.",
                why=f"Its input is {taken} wide; they are {reads.shape[-1]} wide.",
            )


def extractors(summary: Summary) -> list[Record]:
    """The extractors whose embeddings a network may read: its input is one vector as wide."""
    from catalog.index import catalog

    inputs = [each for each in summary.inputs if each.role == "input"]
    shape = inputs[0].shape if len(inputs) == 1 else None
    is_vector = shape and len(shape) > 1 and all(size == 1 for size in shape[1:-1])
    width = shape[-1] if shape and is_vector else None
    return catalog().extractors(width) if width else []


def with_predictions(schema: Document, classes: Sequence[str]) -> Document:
    """Take the output that is as wide as there are classes for the predictions, if none is."""
    fitting = [each for each in schema["outputs"] if _width(each) == len(classes)]
    if not classes or _predictions(schema) or len(fitting) != 1:
        return schema
    outputs = [
        {**each, "output_purpose": "predictions"} if each is fitting[0] else each
        for each in schema["outputs"]
    ]
    return {**schema, "outputs": outputs}


def _predictions(schema: Document) -> Document | None:
    found = (each for each in schema["outputs"] if each.get("output_purpose") == "predictions")
    return next(found, None)


def _width(layer: Document | None) -> int | None:
    """The size of the last axis, if it is known."""
    size = (layer or {}).get("shape", [None])[-1]
    return size if isinstance(size, int) else None


def _inference(extractor: Record) -> Document:
    """How Essentia runs a head on an extractor's embeddings."""
    from predictors.features.families import EMBEDDINGS

    model = {"algorithm": extractor.algorithm, "model_name": extractor.id, "link": extractor.link}
    told = {
        "sample_rate": extractor.sample_rate,
        "algorithm": EMBEDDINGS,
        "embedding_model": {key: value for key, value in model.items() if value},
    }
    return {key: value for key, value in told.items() if value}


def _lines(path: Path) -> tuple[str, ...]:
    with reading(path):
        data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8.", why=str(error)) from None
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _require_names(names: Sequence[str], source: object) -> None:
    place = source if isinstance(source, str | Path) else "The list"
    if not names:
        raise UsageError(f"{place} names no classes.", why="It has one name per line.")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise UsageError(f"{place} names {twice[0]} twice.", why="Classes have different names.")
    hidden = [name for name in names if not name.isprintable()]
    if hidden:
        raise UsageError(f"{place} has a name that cannot be shown: {hidden[0]!a}.")
