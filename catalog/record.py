"""A model's record: Essentia's own metadata keys, and what they lack in one block ``zoo``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.errors import IntegrityError, UsageError
from catalog.fields import DescriptorInput, Extractor, Layer, ModelFile, Origin, Patch, Recipe
from catalog.foreign import parse_object
from catalog.storage import reading

Document = dict[str, Any]

LARGEST = 1 << 18
"""Bytes of a record; the largest real ones have some 25 000."""

INFERRED = {
    "others-code": "from code of others than its authors",
    "same-task": "from other models of its task",
}
"""How sure class names are that neither a model's own metadata nor its authors' code give."""


@dataclass(frozen=True)
class Record:
    """A model as its record describes it.

    Attributes
    ----------
    document : dict
        The whole record. Everything else is read from it.
    catalog : str or None
        The further catalog that lists it; None for zoo's own and those of ``ZOO_CATALOG``.
    origin : Origin or None
        Where that catalog is, if it is known.
    pinned : tuple of ModelFile or None
        Exactly these files stand for those of the document: a lock's.
    corrected : bool
        Whether the metadata pulled beside the network were known to be wrong, and win nothing.
    companion : bool
        Whether it is wanted only for a head that reads its embeddings.
    """

    document: Document
    catalog: str | None = None
    origin: Origin | None = None
    pinned: tuple[ModelFile, ...] | None = None
    corrected: bool = False
    companion: bool = False

    @classmethod
    def load(cls, path: Path) -> Record:
        """Read a record from a JSON file.

        Raises
        ------
        NotFoundError
            No such file.
        IntegrityError
            Not a JSON object, or a far too large one.
        """
        with reading(path):
            if path.stat().st_size > LARGEST:
                raise IntegrityError(
                    f"{path} is too large for a record.", why=f"Its limit is {LARGEST} bytes."
                )
            data = path.read_bytes()
        try:
            return cls(parse_object(data))
        except ValueError as error:
            raise IntegrityError(f"{path} is not a model record.", why=str(error)) from None

    @property
    def zoo(self) -> Document:
        """The block of what Essentia's metadata lack."""
        block: Document = self.document.get("zoo", {})
        return block

    @cached_property
    def id(self) -> str:
        """The identity: the name of the file, without its ending."""
        return str(self.zoo.get("id") or self.link.rpartition("/")[2].removesuffix(".pb"))

    @property
    def full_name(self) -> str:
        """The identity, behind the name of a further catalog."""
        return f"{self.catalog}/{self.id}" if self.catalog else self.id

    @property
    def link(self) -> str:
        return str(self.document.get("link", ""))

    @property
    def name(self) -> str:
        """The display name, which several models may share."""
        return str(self.document.get("name", self.id))

    @property
    def names(self) -> tuple[str, ...]:
        """Other names of the same network."""
        return tuple(self.zoo.get("names", ()))

    @property
    def description(self) -> str:
        return str(self.document.get("description", ""))

    @property
    def citation(self) -> str:
        """BibTeX."""
        return str(self.document.get("citation", ""))

    @property
    def task(self) -> str | None:
        return self.zoo.get("task")

    @property
    def family(self) -> str | None:
        return self.zoo.get("family")

    @property
    def kind(self) -> str | None:
        """``extractor``, ``head``, ``end-to-end`` or ``svm``."""
        return self.zoo.get("kind")

    @property
    def license(self) -> str | None:
        """SPDX id of the license of the published files."""
        return self.zoo.get("license")

    @property
    def status(self) -> str | None:
        """``documented``, ``listed`` (seen in a listing only) or ``legacy``."""
        return self.zoo.get("status")

    @property
    def withdrawn(self) -> Document | None:
        """The date, and why, if its publisher has withdrawn it."""
        return self.zoo.get("withdrawn")

    @property
    def homonym(self) -> str | None:
        """Another model that once had this identity as its name."""
        return self.zoo.get("homonym")

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(self.zoo.get("notes", ()))

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the predictions; empty if unknown."""
        return tuple(self.document.get("classes") or ())

    @property
    def display_names(self) -> dict[str, str]:
        """Words for classes whose published names are none, such as ``cla`` for classical."""
        return dict(self.zoo.get("display_classes", {}))

    @property
    def display_classes(self) -> tuple[str, ...]:
        """The classes as people read them, in the same order."""
        words = self.display_names
        return tuple(spoken(name, words) for name in self.classes)

    @property
    def class_order(self) -> str:
        """One sentence on the order of the classes, if it is not simply the published one."""
        if self.corrected:
            return (
                "This model's published metadata name its classes in reverse; "
                "they are named here as the outputs have them."
            )
        inferred = INFERRED.get(self.zoo.get("classes_certainty", ""))
        return f"The order of its classes is inferred {inferred}." if inferred else ""

    def correction(self, classes: object) -> Document | None:
        """The known correction of class names that its metadata had before, if these are they."""
        known = self.zoo.get("corrections", ())
        return next((each for each in known if each["classes"] == classes), None)

    @cached_property
    def inputs(self) -> tuple[Layer, ...]:
        return tuple(map(Layer.from_json, self.document.get("schema", {}).get("inputs", ())))

    @cached_property
    def outputs(self) -> tuple[Layer, ...]:
        return tuple(map(Layer.from_json, self.document.get("schema", {}).get("outputs", ())))

    @property
    def inference(self) -> Document:
        """Essentia's own block on how to run the model."""
        block: Document = self.document.get("inference", {})
        return block

    @property
    def sample_rate(self) -> int | None:
        """In hertz."""
        rate: int | None = self.inference.get("sample_rate")
        return rate

    @property
    def algorithm(self) -> str | None:
        """The Essentia algorithm that runs this model, or this head's extractor's rows."""
        algorithm: str | None = self.inference.get("algorithm")
        return algorithm

    @property
    def patch(self) -> Patch | None:
        block = self.zoo.get("patch")
        return Patch.from_json(block) if block else None

    @property
    def extractor(self) -> Extractor | None:
        block = self.zoo.get("extractor")
        return Extractor(block["id"], block.get("layer")) if block else None

    @cached_property
    def descriptors(self) -> tuple[DescriptorInput, ...]:
        """What a row of the input holds, where it holds descriptors of Essentia's extractor."""
        return tuple(map(DescriptorInput.from_json, self.zoo.get("descriptors", ())))

    @property
    def members(self) -> tuple[str, ...]:
        """The models in an archive, as far as they are known before it is there."""
        return tuple(self.zoo.get("members", ()))

    @property
    def archive(self) -> str | None:
        """The archive that the model is in."""
        return self.zoo.get("archive")

    @property
    def training_flags(self) -> tuple[str, ...]:
        """Boolean placeholders that must be false at inference."""
        return tuple(self.zoo.get("training_flags", ()))

    @cached_property
    def files(self) -> tuple[ModelFile, ...]:
        if self.pinned is not None:
            return self.pinned
        return tuple(map(ModelFile.from_json, self.zoo.get("files", ())))

    @property
    def recipe(self) -> Recipe | None:
        block = self.zoo.get("recipe")
        return Recipe.from_json(block) if block else None

    @property
    def published(self) -> Record:
        """As its catalog lists it: the addresses of files belong to where the catalog is."""
        if self.catalog is None:
            return self
        listed = self.zoo.get("files", ())
        files = [{k: v for k, v in each.items() if k != "urls"} for each in listed]
        return replace(self, document={**self.document, "zoo": {**self.zoo, "files": files}})

    def file(self, kind: str) -> ModelFile | None:
        """The first file of a kind, if the model has one."""
        return next((file for file in self.files if file.kind == kind), None)

    def layer(self, selector: str) -> Layer:
        """Find an output by purpose or by node name.

        Parameters
        ----------
        selector : str
            ``predictions``, ``logits``, ``embeddings`` or a node name, with or
            without ``:0``. A node that the record does not list is taken as it is:
            the graph decides.

        Raises
        ------
        UsageError
            The record lists no output of this purpose.
        """
        for layer in self.outputs:
            if selector == layer.purpose or selector.removesuffix(":0") == layer.name:
                return layer
        if selector in ("predictions", "logits", "embeddings"):
            listed = ", ".join(layer.name for layer in self.outputs) or "none"
            raise UsageError(
                f"{self.id} has no {selector} layer.",
                why=f"Its record lists these outputs: {listed}.",
                hint=f"Name a node instead, or see them all: zoo inspect {self.id}",
            )
        return Layer(selector.removesuffix(":0"))

    def to_json(self) -> str:
        """The record as text, in the layout of the official metadata files."""
        return json.dumps(self.document, indent=4, ensure_ascii=False) + "\n"


def spoken(name: str, words: Mapping[str, str]) -> str:
    """A class as people read it: by its words, or of ``Genre---Style`` the genre, then the style.

    Parameters
    ----------
    name : str
    words : mapping of str to str
        See `Record.display_names`.
    """
    return words.get(name) or name.replace("---", ": ")
