"""Is a metadata file, or a record, right by itself and beside the catalog."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from catalog.errors import IntegrityError, listed
from catalog.fields import Layer
from catalog.record import Record
from catalog.schema import differences, is_grave, is_misshapen
from validate.record import CheckedRecord, embeddings, layer_text, predictions, shapes_agree
from validate.report import Check, compared, failed, not_applicable, passed, warned

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_UNBOUNDED = ("error", "loss", "distance", "deviation")  # metrics that may exceed 1
_NAMED_BY_ALGORITHM = ("PitchCREPE", "TempoCNN", "TensorflowPredictCREPE")


def check(checked: CheckedRecord) -> list[Check]:
    """Judge a record; one whose values are of wrong types is judged by its schema only."""
    errors = differences(checked.record.document)
    checks = [passed("metadata-json"), _by_schema(errors)]
    if is_misshapen(errors):
        return checks
    judges = (identity, link, release_date, metrics, classes, class_order, purposes)
    more = (width, license, extractor, embedding_width)
    return checks + [judge(checked) for judge in (*judges, *more)]


def is_readable(record: Record) -> bool:
    """Whether every value has the type that it must have."""
    try:
        return not is_misshapen(differences(record.document))
    except IntegrityError:
        return False


def _by_schema(errors: list[ValidationError]) -> Check:
    """Tell the errors, but for those that are judged by checks of their own."""
    own = ("$.classes", "$.release_date")
    found = [e for e in errors if is_grave(e) or not e.json_path.startswith(own)]
    if not found:
        return passed("metadata-schema")
    return failed("metadata-schema", "what the schema allows", listed(map(_told, found), 16))


def _told(error: ValidationError) -> str:
    """One difference from the schema, short."""
    place = error.json_path.removeprefix("$").removeprefix(".")
    if error.validator == "required":
        return f"no {place + '.' if place else ''}{error.message.split(chr(39))[1]}"
    if error.instance == "":
        return f"{place} is empty"
    message = error.message if len(error.message) < 100 else f"not of type {error.validator}"
    return f"{place or 'the record'}: {message}"


def identity(checked: CheckedRecord) -> Check:
    """Compare the names that a record gives its model."""
    record = checked.record
    by_link, by_id = record.link.rpartition("/")[2], record.zoo.get("id")
    wrong = []
    if by_link and not by_link.startswith(f"{checked.name}."):
        wrong.append((checked.name, f"{by_link} (its link)"))
    if by_id and by_id != checked.name:
        wrong.append((checked.name, f"{by_id} (its id)"))
    return compared("metadata-identity", wrong)


def link(checked: CheckedRecord) -> Check:
    """Compare links with the addresses that the catalog knows."""
    named = (checked.record.inference.get("embedding_model") or {}).get("link")
    pairs = ((checked.record.link, checked.known), (named, checked.extractor))
    compared_links = [(url, model.link) for url, model in pairs if url and model and model.link]
    stale = [(known, url) for url, known in compared_links if url != known]
    if stale:
        expected, found = (listed(side) for side in zip(*stale, strict=True))
        return warned("metadata-link", expected, found)
    if not compared_links:
        return not_applicable("metadata-link", "The catalog has no address for it.")
    return passed("metadata-link")


def release_date(checked: CheckedRecord) -> Check:
    """Read the date as ISO 8601: 07/02/2023 is February to some, July to others."""
    if "release_date" not in checked.record.document:
        return not_applicable("metadata-date")
    text = checked.record.document["release_date"]
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError):
        return failed("metadata-date", "YYYY-MM-DD", json.dumps(text))
    if day > date.today():
        return warned("metadata-date", "a day in the past", text)
    return passed("metadata-date")


def metrics(checked: CheckedRecord) -> Check:
    """Find percentages among the metrics, and values that are no numbers."""
    found = dict(_metrics(checked.record.document))
    percent = {
        name: value
        for name, value in found.items()
        if isinstance(value, int | float)
        and abs(value) > 1
        and not any(word in name.lower() for word in _UNBOUNDED)
    }
    if percent:
        wanted = [
            f"{name} {value / 100:.6g}" if abs(value) <= 100 else f"{name}, a fraction"
            for name, value in percent.items()
        ]
        told = [f"{name} {str(value)[:20]}" for name, value in percent.items()]
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


def classes(checked: CheckedRecord) -> Check:
    """Judge the class names by themselves."""
    id, record = "metadata-classes", checked.record
    names = record.document.get("classes")
    if "classes" not in record.document:
        if not predictions(record) or record.algorithm in _NAMED_BY_ALGORITHM:
            return not_applicable(id, "The values do not have names.")
        if record.file("json"):
            return not_applicable(id, "They are in the metadata file on the server.")
        return warned(id, "a name for each value of the predictions", "no key classes")
    if not isinstance(names, list) or not names:
        return failed(id, "a list of names, or no such key", json.dumps(names)[:60])
    if not all(isinstance(name, str) and name.strip() for name in names):
        return failed(id, "names that are not empty", f"{names[:8]}")
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        return failed(id, "names that differ", f"more than once: {listed(twice)}")
    unknown = record.display_names.keys() - set(names)
    if unknown:
        return failed(id, "words for these classes only", listed(sorted(unknown)))
    return passed(id)


def class_order(checked: CheckedRecord) -> Check:
    """Judge the order of the class names by what is known of the outputs."""
    id, record, known = "metadata-class-order", checked.record, checked.known
    names = list(record.classes)
    if not names:
        return not_applicable(id, "There are no class names.")
    outdated = (known or record).correction(names)
    if outdated:
        found = f"{listed(names)}: their order until its authors' correction of {outdated['until']}"
        return failed(id, listed((known or record).classes), found)
    if record.class_order:
        return warned(id, "an order from its own metadata or its authors' code", record.class_order)
    other = list(known.classes) if known else names
    if not known or names == other or sorted(names) != sorted(other):
        return passed(id)
    own = record.zoo.get("classes_certainty") == "own-metadata" or record.correction(other)
    if own:  # its authors correct what they published
        return passed(id)
    judge = warned if known.class_order or known.catalog else failed
    return judge(id, f"{listed(other)}, by the catalog", listed(names))


def purposes(checked: CheckedRecord) -> Check:
    """Count the outputs by purpose: a program must know which one to take."""
    id, outputs = "metadata-purposes", checked.record.outputs
    if not outputs:
        return not_applicable(id, "The record lists no outputs.")
    purposes = [layer.purpose for layer in outputs]
    counts = [f"{purposes.count(purpose)} {purpose}" for purpose in ("predictions", "embeddings")]
    if purposes.count("predictions") > 1 or purposes.count("embeddings") > 1:
        return failed(id, "one output for each purpose", listed(counts))
    if any(purpose in ("predictions", "embeddings") for purpose in purposes):
        return passed(id)
    if checked.record.zoo.get("task") == "source-separation":
        return not_applicable(id, "Its outputs are sound.")
    names = listed(layer.name for layer in outputs)
    return failed(id, "one output with the purpose predictions or embeddings", names)


def width(checked: CheckedRecord) -> Check:
    """Compare widths with the class names, and with the catalog's record of the model."""
    id, record = "metadata-width", checked.record
    layers = (*record.inputs, *record.outputs)
    if not any(layer.shape for layer in layers):
        return not_applicable(id, "The record gives no shapes.")
    wrong: dict[str, tuple[str, str]] = {}
    turned: dict[str, tuple[str, str]] = {}
    output, count = predictions(record), len(record.classes)
    if output and output.shape and count and output.shape[-1] not in (count, "n_classes"):
        wrong[output.name] = (f"{output.name} {[count]}, one for each class", layer_text(output))
    known = checked.known
    there = {layer.name: layer for layer in (*known.inputs, *known.outputs)} if known else {}
    for layer in layers:
        other = there.get(layer.name)
        if (
            not other
            or not layer.shape
            or not other.shape
            or shapes_agree(layer.shape, other.shape)
        ):
            continue
        same_sizes = _sizes(layer.shape) == _sizes(other.shape)
        (turned if same_sizes else wrong).setdefault(
            layer.name, (layer_text(other), layer_text(layer))
        )
    if turned and not wrong:
        expected, found = (listed(side) for side in zip(*turned.values(), strict=True))
        return warned(id, f"{expected}, by the catalog", f"{found}: the axes are in another order")
    return compared(id, wrong.values())


def _sizes(shape: tuple[int | str, ...]) -> list[int]:
    """The sizes of a shape in order, to tell it from others whatever the order of axes is."""
    return sorted(size for size in shape if isinstance(size, int) and size > 1)


def license(checked: CheckedRecord) -> Check:
    """Look for the license; Essentia's own metadata have no key for it."""
    known = checked.record.license or (checked.known and checked.known.license)
    if known:
        return passed("metadata-license")
    return warned("metadata-license", 'an SPDX id: {"zoo": {"license": …}}', "no license")


def extractor(checked: CheckedRecord) -> Check:
    """Look up the model whose embeddings a head reads."""
    from predictors.features.families import EMBEDDINGS

    id, name, record = "metadata-extractor", checked.extractor_name, checked.record
    if name is None:
        if record.algorithm == EMBEDDINGS or record.kind == "head":
            return failed(id, "the model whose embeddings it reads", "no name")
        return not_applicable(id, "It is not a head.")
    found = checked.extractor
    if found is None:
        return failed(id, "a model of the catalog, or one beside it", name)
    if embeddings(checked) is None:
        return warned(id, f"a model with embeddings, or a layer of {name}", name)
    return passed(id)


def embedding_width(checked: CheckedRecord) -> Check:
    """Compare a head's input with its extractor's embeddings, by their records."""
    source = embeddings(checked)
    read = checked.record.inputs[0] if checked.record.inputs else None
    return fitting(source, read.shape if read else None, read.name if read else "")


def fitting(source: Layer | None, shape: tuple[int | str | None, ...] | None, name: str) -> Check:
    """Compare the width of a head's input with that of the layer that it reads."""
    id = "agreement-extractor"
    if not source or not source.shape or not shape or not isinstance(shape[-1], int):
        return not_applicable(id)
    if shape[-1] == source.shape[-1]:
        return passed(id)
    return failed(id, f"{name} {source.shape[-1]} wide, like {source.name}", f"{shape[-1]} wide")
