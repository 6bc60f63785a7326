"""The fields of a record that have parts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from catalog.download.address import local_path


@dataclass(frozen=True)
class Layer:
    """An input or output tensor of the network.

    Attributes
    ----------
    name : str
        Node name, ``:0`` left out.
    shape : tuple of (int or str), or None
        As the metadata says, a hint: the graph knows better.
    dtype : str
    op : str
        As the metadata says ("Sigmoid", "fully connected").
    purpose : str
        ``predictions``, ``logits``, ``embeddings`` or empty.
    description : str
    """

    name: str
    shape: tuple[int | str, ...] | None = None
    dtype: str = "float"
    op: str = ""
    purpose: str = ""
    description: str = ""

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Layer:
        shape = document.get("shape")
        return cls(
            name=document["name"].removesuffix(":0"),
            shape=None if shape is None else tuple(shape),
            dtype=document.get("type", "float"),
            op=document.get("op", ""),
            purpose=document.get("output_purpose", ""),
            description=document.get("description", ""),
        )


@dataclass(frozen=True)
class Patch:
    """How many feature frames the network sees at once, and how far apart.

    Attributes
    ----------
    frames : int
    hop : int
    bands : int or None
    """

    frames: int
    hop: int
    bands: int | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Patch:
        return cls(document["frames"], document["hop"], document.get("bands"))


@dataclass(frozen=True)
class Extractor:
    """The model whose embeddings a head reads.

    Attributes
    ----------
    id : str
    layer : str or None
        The extractor's node to read, where it is not its own ``embeddings`` output.
    """

    id: str
    layer: str | None = None


@dataclass(frozen=True)
class DescriptorInput:
    """A descriptor that a row of the input holds.

    Attributes
    ----------
    name : str
        ``lowlevel.mfcc.mean``
    size : int
        Numbers in it.
    texts : tuple of str
        Of one that is text: the texts by their numbers.
    example : tuple of float
        Its numbers in a row such as the model was trained on.
    """

    name: str
    size: int
    texts: tuple[str, ...] = ()
    example: tuple[float, ...] = ()

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> DescriptorInput:
        lists = (tuple(document.get(key, ())) for key in ("texts", "example"))
        return cls(document["name"], document["size"], *lists)

    def to_json(self) -> dict[str, Any]:
        """The entry of a record."""
        lists = {"texts": list(self.texts), "example": list(self.example)}
        there = {key: value for key, value in lists.items() if value}
        return {"name": self.name, "size": self.size, **there}


@dataclass(frozen=True)
class ModelFile:
    """One downloadable file of a model.

    Attributes
    ----------
    kind : str
        ``pb``, ``json``, ``onnx``, ``tfjs``, ``savedmodel`` or ``archive``.
    urls : tuple of str
        Tried in order; empty if it is published nowhere.
    size : int or None
        In bytes.
    sha256 : tuple of str
        Every digest that is known to be good, the newest first; empty if none is.
    """

    kind: str
    urls: tuple[str, ...]
    size: int | None = None
    sha256: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name: the last part of its first address."""
        return self.urls[0].rstrip("/").rpartition("/")[2]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ModelFile:
        digests = document.get("sha256", ())
        return cls(
            kind=document["kind"],
            urls=tuple(document.get("urls", ())),
            size=document.get("size"),
            sha256=(digests,) if isinstance(digests, str) else tuple(digests),
        )


@dataclass(frozen=True)
class Recipe:
    """How to rebuild a model from its authors' own release.

    Attributes
    ----------
    distribution, version : str
        The Python distribution that carries the checkpoint.
    wheel_sha256 : str
        Digest of the wheel.
    checkpoint : str
        Checkpoint prefix inside the wheel.
    outputs : tuple of str
        Nodes to keep.
    training_flags : tuple of str
        Boolean placeholders to fix at false.
    sha256, size :
        Of the frozen graph that comes out.
    license : str
        SPDX id of the checkpoint's license.
    """

    distribution: str
    version: str
    wheel_sha256: str
    checkpoint: str
    outputs: tuple[str, ...]
    training_flags: tuple[str, ...]
    sha256: str
    size: int
    license: str

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Recipe:
        sequences = {key: tuple(document[key]) for key in ("outputs", "training_flags")}
        return cls(**{**{each.name: document[each.name] for each in fields(cls)}, **sequences})


@dataclass(frozen=True)
class Origin:
    """The published catalog that a model comes from.

    Attributes
    ----------
    address : str
        Of its ``catalog.json``: a URL, or an absolute path.
    sha256 : str or None
        Of its ``catalog.json``, as it was read; None if that is not known any more.
    """

    address: str
    sha256: str | None = None

    @property
    def base(self) -> str:
        """What the paths in the catalog are relative to."""
        there = local_path(self.address)
        return str(there.parent) if there else self.address.rpartition("/")[0]
