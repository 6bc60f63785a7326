"""The metadata that are published beside a network, joined to its record."""

from __future__ import annotations

from dataclasses import replace

from catalog.errors import IntegrityError
from catalog.fields import Layer
from catalog.record import Document, Record


def with_upstream(model: Record, upstream: Document) -> Record:
    """Let the metadata pulled beside the network win for classes and layers.

    Classes that the authors have corrected since win nothing: see `Record.corrected`.

    Of a layer that both know, the record keeps what upstream leaves out (purposes)
    or is known to get wrong (shapes, which the record has from the graph). Metadata
    beside an ONNX file describe the layers of another file, so they win nothing.

    Parameters
    ----------
    model : Record
    upstream : dict
        Metadata in Essentia's layout.

    Raises
    ------
    IntegrityError
        These are no metadata of a model.
    """
    won: Document = {}
    classes = upstream.get("classes")
    corrected = model.correction(classes) is not None
    if classes and not corrected:
        won["classes"] = classes
        if "zoo" not in upstream and model.zoo.get("classes_certainty"):
            won["zoo"] = {**model.zoo, "classes_certainty": "own-metadata"}
    try:
        if upstream.get("schema") and model.file("pb"):
            won["schema"] = {
                "inputs": _joined(upstream["schema"]["inputs"], model.inputs),
                "outputs": _joined(upstream["schema"]["outputs"], model.outputs),
            }
        joined = replace(model, document={**model.document, **won}, corrected=corrected)
        "".join((*joined.classes, *(each.name for each in (*joined.inputs, *joined.outputs))))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise IntegrityError(
            f"The metadata of {model.id} do not describe its classes and layers.",
            why="Its keys are not those of Essentia's metadata.",
            hint=f"Pull it again: zoo pull {model.id} --force",
        ) from None
    return joined


def _joined(theirs: list[Document], ours: tuple[Layer, ...]) -> list[Document]:
    """Upstream's layers, with our shapes, and our purposes where they give none."""
    known = {layer.name: layer for layer in ours}
    joined = []
    for document in theirs:
        layer = {**document}
        mine = known.get(document["name"].removesuffix(":0"))
        if mine and mine.shape is not None:
            layer["shape"] = list(mine.shape)
        if mine and mine.purpose and not document.get("output_purpose"):
            layer["output_purpose"] = mine.purpose
        joined.append(layer)
    return joined
