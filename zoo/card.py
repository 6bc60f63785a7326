"""A model's card: its record as plain text for people, 80 columns wide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from textwrap import TextWrapper, fill

from catalog.fields import Layer
from catalog.licenses import in_words
from catalog.manifest import Manifest, main_file
from catalog.record import Record
from zoo import display
from zoo.display import width

LABEL = 13  # columns of the labels on the left
CLASSES = 50  # that are shown
BEST_AT_ONE = re.compile(
    r"\b(accuracy|precision|recall|correlation|AUC|F1|R\^2)\b.* [01](\.\d+)?$", re.IGNORECASE
)
"""Metrics that go up to 1, with such a value."""
METRICS = {"roc_auc": "ROC-AUC", "pr_auc": "PR-AUC", "r2": "R^2", "rmse": "root mean square error"}
"""Those of ``zoo train`` in words, where an underscore is not all that they lack."""
DESCRIPTORS = "descriptors of Essentia's music extractor"


def card(model: Record, manifest: Manifest | None) -> str:
    """Describe a model.

    Parameters
    ----------
    model : Record
    manifest : Manifest or None
        Of the installed model.
    """
    head = fill(f"{model.name}: {kind(model)}", width())
    blocks = [
        f"{model.full_name}\n{head}",
        fill(model.description, width(), break_on_hyphens=False),
    ]
    blocks.append("\n".join(_entry(label, text) for label, text in _facts(model, manifest) if text))
    if model.notes:
        blocks.append("Notes\n" + "\n".join(_entry("  -", note, 4) for note in model.notes))
    if model.citation:
        blocks.append("To cite\n" + model.citation)
    return "\n\n".join(blocks)


def title(model: Record) -> str:
    """What a page calls a model: its name in words, or its id where it has no other name."""
    return model.id if model.name == model.id else model.name.replace("_", " ")


def kind(model: Record) -> str:
    """What a model does, what it is and of which family."""
    sort = "whole network" if model.kind == "end-to-end" else model.kind or "model"
    of = f" of the {model.family} family" if model.family else ""
    if model.family == "gaia":  # and no network, even as a frozen graph
        sort, of = f"support vector machine{'s' if model.members else ''}", f" on {DESCRIPTORS}"
    state = {"legacy": ", replaced or withdrawn", "listed": ", known from a listing only"}
    task = f"{model.task}, " if model.task else ""
    return f"{task}{sort}{of}{state.get(model.status or '', '')}"


def _facts(model: Record, manifest: Manifest | None) -> Iterator[tuple[str, str]]:
    if withdrawn := model.withdrawn:
        yield "Withdrawn", f"on {withdrawn['date'][:10]}: {withdrawn['why']}"
    yield "Input", "\n".join(filter(None, (_layers(model.inputs), frontend(model))))
    yield "Outputs", _layers(model.outputs)
    if model.classes:
        yield (
            "Classes",
            "\n".join(filter(None, (_classes(model.display_classes), model.class_order))),
        )
    if scale := model.zoo.get("scale"):
        yield "Scale", f"from {scale[0]} to {scale[1]}"
    if model.extractor:
        layer = f", layer {model.extractor.layer}" if model.extractor.layer else ""
        yield "Reads", f"the embeddings of {model.extractor.id}{layer}"
    yield "Holds", "\n".join(f"{model.id}/{name}" for name in model.members)
    yield "Metrics", metrics(model)
    yield "License", _license(model, manifest)
    yield "Size", _size(model)
    yield "Installed", _installed(model, manifest)
    yield "Catalog", model.catalog or ""
    yield "Old names", ", ".join(model.names)
    yield "Successor", model.zoo.get("successor", "")
    released = filter(None, (model.document.get("release_date"), model.document.get("author")))
    yield "Released", ", ".join(released)
    yield "Link", model.link


def _entry(label: str, text: str, indent: int = LABEL) -> str:
    """A label and its text, wrapped beside it."""
    wrapper = TextWrapper(
        width(),
        initial_indent=" " * indent,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
    lines = [line for part in text.splitlines() for line in wrapper.wrap(part)]
    return label + "\n".join(lines)[len(label) :]


def _layers(layers: Sequence[Layer]) -> str:
    """Names, shapes and purposes in columns."""
    rows = [
        (
            layer.name,
            "" if layer.shape is None else f"[{', '.join(map(str, layer.shape))}]",
            layer.purpose or layer.description,
        )
        for layer in layers
    ]
    return "\n".join(display.columns(rows))


def frontend(model: Record) -> str:
    """How audio becomes the input; of a head, its extractor's card tells."""
    if model.descriptors:
        return f"{len(model.descriptors)} {DESCRIPTORS}"
    rate = f"audio at {model.sample_rate} Hz" if model.sample_rate else ""
    if model.extractor or not model.patch:
        return "" if model.extractor else rate
    patch = model.patch
    size = f"{patch.frames} frames of {patch.bands} mel bands"
    return f"{rate}, in patches of {size}, {patch.hop} frames apart"


def _classes(names: tuple[str, ...]) -> str:
    separator = "; " if any("," in name for name in names) else ", "
    more = len(names) - CLASSES
    return (
        f"{len(names)}: "
        + separator.join(names[:CLASSES])
        + (f" … and {more} more" if more > 0 else "")
    )


def metrics(model: Record) -> str:
    """How well it does, and on which data."""
    data = model.document.get("dataset", {})
    on = f"on {data['name']}" if data.get("name") else ""
    size = f"({data['size']})" if data.get("size") else ""
    measured = "\n".join(values(data.get("metrics") or {}))
    return "\n".join(filter(None, (measured, " ".join(filter(None, (on, size))))))


def measured(model: Record) -> str:
    """How well it does and on which data, on one line; nothing if that was not measured."""
    found = model.document.get("dataset", {}).get("metrics")
    if not found:
        return ""
    lines, count = metrics(model).splitlines(), len(list(values(found)))
    return " ".join([", ".join(lines[:count]), *lines[count:]])


def graded(model: Record) -> str:
    """What the values of its metrics mean, for those who do not know them; nothing if some may
    be others than `BEST_AT_ONE` and errors.
    """
    found = list(values(model.document.get("dataset", {}).get("metrics") or {}))
    errors = [metric for metric in found if re.search(r"\berror\b", metric, re.IGNORECASE)]
    if not found or not all(BEST_AT_ONE.search(metric) for metric in found if metric not in errors):
        return ""
    if len(errors) == len(found):
        return "0 is perfect"
    best = "1 is perfect, of errors 0" if errors else "1 is perfect"
    guessing = any("ROC-AUC" in metric for metric in found)
    return f"{best}, a ROC-AUC of 0.5 is guessing" if guessing else best


def values(metrics: Mapping[str, object], of: str = "") -> Iterator[str]:
    """Each metric with its value, those of groups behind the group's name."""
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from values(value, f"{name}: ")
        else:
            yield f"{of}{METRICS.get(name) or name.replace('_', ' ')} {value}"


def _license(model: Record, manifest: Manifest | None) -> str:
    license = manifest.license if manifest else model.license
    return f"{license or 'unknown'}. {in_words(license)}"


def _size(model: Record) -> str:
    file = main_file(model)
    size = display.size(file.size) if file and file.size else ""
    parameters = model.zoo.get("parameters")
    count = f"{display.thousands(parameters)} parameters" if parameters else ""
    return ", ".join(filter(None, (size, count)))


def _installed(model: Record, manifest: Manifest | None) -> str:
    if manifest:
        sources = {"official": "from the official server", "recipe": "built by its recipe"}
        source = sources.get(manifest.source, f"from {manifest.main.url}")
        return f"yes, {display.size(manifest.main.size)} {source}"
    if not model.files:
        return "no, no file is known"
    return f"no. To install it: zoo pull {model.full_name}"
