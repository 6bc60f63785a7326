"""Is a metadata file, or a record, right by itself and beside the catalog."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from catalog.errors import ZooError
from catalog.record import Layer, Model
from validate.report import (
    Check,
    compared,
    failed,
    listed,
    not_applicable,
    passed,
    warned,
)

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_UNBOUNDED = ("error", "loss", "distance", "deviation")  # metrics that may exceed 1
_NAMED_BY_ALGORITHM = ("PitchCREPE", "TempoCNN", "TensorflowPredictCREPE")


@dataclass(frozen=True)
class Subject:
    """A record, and what to compare it with.

    Attributes
    ----------
    record : Model
    name : str
        The file's name without its ending.
    known : Model or None
        The record of this name in the catalog; not the record itself.
    """

    record: Model
    name: str
    known: Model | None

    @property
    def extractor_name(self) -> str | None:
        """The model that a head reads: from the record, or from Essentia's own key."""
        if self.record.extractor:
            return self.record.extractor.id
        name: str | None = (self.record.inference.get("embedding_model") or {}).get("model_name")
        return name

    @property
    def extractor(self) -> Model | None:
        """The record of the model that a head reads, if the catalog has it."""
        name = self.extractor_name
        return in_catalog(name) if name else None


def in_catalog(id: str) -> Model | None:
    """The catalog's record of exactly this identity."""
    from catalog.index import catalog

    try:
        found = catalog().find(id)
    except ZooError:
        return None
    return found if found.id == id else None


def check(subject: Subject) -> list[Check]:
    """Judge a record; one whose schema is wrong is judged no further."""
    by_schema = schema(subject)
    if by_schema.status == "failed" and not _is_readable(subject.record):
        return [passed("metadata-json"), by_schema]
    judges = (identity, link, release_date, metrics, classes, purposes)
    more = (width, license, extractor, embedding_width)
    return [
        passed("metadata-json"),
        by_schema,
        *(judge(subject) for judge in (*judges, *more)),
    ]


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads((files("catalog") / "schema.json").read_bytes()))


def schema(subject: Subject) -> Check:
    """Compare the keys and values with the JSON schema."""
    errors = sorted(_validator().iter_errors(subject.record.document), key=lambda e: e.json_path)
    own = {"$.classes", "$.release_date"}  # judged by checks of their own
    found = [error for error in errors if error.json_path.partition("[")[0] not in own]
    if not found:
        return passed("metadata-schema")
    return failed("metadata-schema", "a record as the schema says", listed(map(_told, found), 4))


def _told(error: ValidationError) -> str:
    """One difference from the schema, short."""
    place = error.json_path.removeprefix("$.").removeprefix("$") or "the record"
    message = error.message if len(error.message) < 100 else f"not of type {error.validator}"
    return f"{place}: {message}"


def _is_readable(record: Model) -> bool:
    """Whether the parts that all other checks read have the types that they need."""
    try:
        layers = (*record.inputs, *record.outputs)
        texts = [text for layer in layers for text in (layer.name, layer.op, layer.purpose)]
        shapes = [layer.shape or () for layer in layers]
        sizes = [size for shape in shapes for size in shape]
        named = record.inference.get("embedding_model") or {}
        texts += [record.document.get("link", ""), named.get("model_name", "")]
        texts += [named.get("link", ""), record.algorithm or ""]
        if record.extractor:
            texts.append(record.extractor.id)
        metrics = (record.document.get("dataset") or {}).get("metrics", {})
        return (
            all(isinstance(text, str) for text in texts)
            and all(isinstance(size, int | str) for size in sizes)
            and isinstance(metrics, dict)
            and isinstance(record.files, tuple)
            and isinstance(record.training_flags, tuple)
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def identity(subject: Subject) -> Check:
    """Compare the names that a record gives its model."""
    record = subject.record
    by_link = record.link.rpartition("/")[2].rpartition(".")[0]
    names = {"link": by_link, "id": record.zoo.get("id")}
    wrong = [
        (subject.name, f"{name} (by its {key})")
        for key, name in names.items()
        if name and name != subject.name
    ]
    return compared("metadata-identity", wrong)


def link(subject: Subject) -> Check:
    """Compare links with the addresses that the catalog knows."""
    named = (subject.record.inference.get("embedding_model") or {}).get("link")
    pairs = ((subject.record.link, subject.known), (named, subject.extractor))
    compared_links = [(url, model.link) for url, model in pairs if url and model and model.link]
    stale = [(known, url) for url, known in compared_links if url != known]
    if stale:
        expected, found = (listed(side) for side in zip(*stale, strict=True))
        return warned("metadata-link", expected, found)
    if not compared_links:
        return not_applicable("metadata-link", "The catalog knows no other address.")
    return passed("metadata-link")


def release_date(subject: Subject) -> Check:
    """Read the date as ISO 8601: 07/02/2023 is February to some, July to others."""
    text = subject.record.document.get("release_date")
    if text is None:
        return not_applicable("metadata-date")
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        return failed("metadata-date", "YYYY-MM-DD", json.dumps(text))
    if day > date.today():
        return warned("metadata-date", "a day in the past", text)
    return passed("metadata-date")


def metrics(subject: Subject) -> Check:
    """Find percentages among the metrics, and values that are no numbers."""
    found = dict(_metrics(subject.record.document))
    percent = {
        name: value
        for name, value in found.items()
        if isinstance(value, int | float)
        and abs(value) > 1
        and not any(word in name.lower() for word in _UNBOUNDED)
    }
    if percent:
        wanted = [f"{name} {value / 100:.6g}" for name, value in percent.items()]
        told = [f"{name} {value}" for name, value in percent.items()]
        return failed("metadata-metrics", listed(wanted), listed(told))
    texts = [f"{name} {json.dumps(v)}" for name, v in found.items() if isinstance(v, str)]
    if texts:
        return warned("metadata-metrics", "numbers", listed(texts))
    return passed("metadata-metrics") if found else not_applicable("metadata-metrics")


def _metrics(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in ((document.get("dataset") or {}).get("metrics") or {}).items():
        if isinstance(value, dict):
            yield from ((f"{name} {inner}", number) for inner, number in value.items())
        else:
            yield name, value


def classes(subject: Subject) -> Check:
    """Judge the class names by themselves."""
    id, record = "metadata-classes", subject.record
    names = record.document.get("classes")
    if names is None:
        if not predictions(record) or record.algorithm in _NAMED_BY_ALGORITHM:
            return not_applicable(id, "What the values mean is not a matter of names.")
        if record.file("json"):
            return not_applicable(id, "They are in the metadata file on the server.")
        return warned(id, "a name for each value of the predictions", "no key classes")
    if not isinstance(names, list) or not names:
        return failed(id, "a list of names, or no such key", json.dumps(names)[:60])
    if not all(isinstance(name, str) and name.strip() for name in names):
        return failed(id, "names that are not empty", f"{names[:8]}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        return failed(id, "names that differ", f"more than once: {listed(twice)}")
    return passed(id)


def purposes(subject: Subject) -> Check:
    """Count the outputs by purpose: a program must know which one to take."""
    id, outputs = "metadata-purposes", subject.record.outputs
    if not outputs:
        return not_applicable(id, "The record lists no outputs.")
    purposes = [layer.purpose for layer in outputs]
    counts = [f"{purposes.count(purpose)} {purpose}" for purpose in ("predictions", "embeddings")]
    if purposes.count("predictions") > 1 or purposes.count("embeddings") > 1:
        return failed(id, "one output for each purpose", listed(counts))
    if any(purpose in ("predictions", "embeddings") for purpose in purposes):
        return passed(id)
    if subject.record.zoo.get("task") == "source-separation":
        return not_applicable(id, "Its outputs are sound.")
    names = listed(layer.name for layer in outputs)
    return failed(id, "one output with the purpose predictions or embeddings", names)


def predictions(record: Model) -> Layer | None:
    """The output with the purpose predictions."""
    return next((layer for layer in record.outputs if layer.purpose == "predictions"), None)


def width(subject: Subject) -> Check:
    """Compare widths with the class names, and with the catalog's record of the model."""
    id, record = "metadata-width", subject.record
    layers = (*record.inputs, *record.outputs)
    if not any(layer.shape for layer in layers):
        return not_applicable(id, "The record gives no shapes.")
    wrong, turned = [], []
    output, count = predictions(record), len(record.classes)
    if output and output.shape and count and output.shape[-1] not in (count, "n_classes"):
        wrong.append((f"{output.name} {[count]}, one for each class", told(output)))
    known = subject.known
    there = {layer.name: layer for layer in (*known.inputs, *known.outputs)} if known else {}
    for layer in layers:
        other = there.get(layer.name)
        if not other or not layer.shape or not other.shape or agree(layer.shape, other.shape):
            continue
        same_sizes = _sizes(layer.shape) == _sizes(other.shape)
        (turned if same_sizes else wrong).append((told(other), told(layer)))
    if turned and not wrong:
        expected, found = (listed(side) for side in zip(*turned, strict=True))
        return warned(id, f"{expected}, by the catalog", f"{found}: the axes are in another order")
    return compared(id, wrong)


def agree(ours: tuple[int | str | None, ...], theirs: tuple[int | str | None, ...]) -> bool:
    """Whether two shapes can be of one tensor, the batch axis of either left out.

    Axes of unknown size agree with all; so do those of size 1 at the beginning of either,
    because metadata write ``[1, 50]`` for a batch of any size.
    """
    pairs = list(zip(reversed(ours), reversed(theirs), strict=False))
    numbers = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    if len(pairs) > 1 and pairs[-1] in numbers and 1 in pairs[-1]:
        numbers.remove(pairs[-1])
    return all(a == b or a < 0 or b < 0 for a, b in numbers)


def told(layer: Layer) -> str:
    """A layer with its shape, as the metadata write it."""
    return f"{layer.name} {json.dumps(layer.shape)}"


def _sizes(shape: tuple[int | str, ...]) -> list[int]:
    return sorted(size for size in shape if isinstance(size, int) and size > 1)


def license(subject: Subject) -> Check:
    """Look for the license; Essentia's own metadata have no key for it."""
    known = subject.record.license or (subject.known and subject.known.license)
    if known:
        return passed("metadata-license")
    return warned("metadata-license", 'an SPDX id: {"zoo": {"license": …}}', "no license")


def extractor(subject: Subject) -> Check:
    """Look up the model whose embeddings a head reads."""
    from predictors.families import EMBEDDINGS

    id, name, record = "metadata-extractor", subject.extractor_name, subject.record
    if name is None:
        if record.algorithm == EMBEDDINGS or record.kind == "head":
            return failed(id, "the model whose embeddings it reads", "no name")
        return not_applicable(id, "It is no head.")
    found = subject.extractor
    if found is None:
        return failed(id, "a model of the catalog", name)
    if embeddings(subject) is None:
        return warned(id, f"a model with embeddings, or a layer of {name}", name)
    return passed(id)


def embeddings(subject: Subject) -> Layer | None:
    """The layer of its extractor that a head reads."""
    if subject.extractor is None:
        return None
    named = subject.record.extractor or (subject.known and subject.known.extractor)
    try:
        return subject.extractor.layer((named and named.layer) or "embeddings")
    except ZooError:
        return None


def embedding_width(subject: Subject) -> Check:
    """Compare a head's input with its extractor's embeddings, by their records."""
    source = embeddings(subject)
    read = subject.record.inputs[0] if subject.record.inputs else None
    return fitting(source, read.shape if read else None, read.name if read else "")


def fitting(source: Layer | None, shape: tuple[int | str | None, ...] | None, name: str) -> Check:
    """Compare the width of a head's input with that of the layer that it reads."""
    id = "agreement-extractor"
    if not source or not source.shape or not shape or not isinstance(shape[-1], int):
        return not_applicable(id)
    if shape[-1] == source.shape[-1]:
        return passed(id)
    return failed(id, f"{name} {source.shape[-1]} wide, like {source.name}", f"{shape[-1]} wide")
