"""The draft of a record: what a graph tells, with gaps where only people know."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.record import Document
    from freeze.analysis.summary import Summary


def draft(id: str, summary: Summary, data: bytes, version: str) -> Document:
    """Begin the record of a network.

    What must be filled in is empty, so that ``zoo validate`` finds it.

    Parameters
    ----------
    id : str
        The name of its file, without the ending.
    summary : Summary
    data : bytes
        The file.
    version : str
        Of the TensorFlow that wrote the network; empty if it is not known.
    """
    from freeze.analysis.summary import schema_of

    schema = schema_of(summary)
    predictions = [each for each in summary.outputs if each.purpose == "predictions"]
    embeddings = [each for each in summary.outputs if each.purpose == "embeddings"]
    flags = [each.name for each in summary.inputs if each.role == "training-flag"]
    number, release = re.search(r"-(\d+)$", id), re.match(r"\d+(\.\d+)*", version)
    return {
        "name": id,
        "type": "",
        "version": number[1] if number else "1",
        "description": "",
        "author": "",
        "email": "",
        "release_date": "",
        "framework": "tensorflow",
        **({"framework_version": release[0]} if release else {}),
        **({"classes": []} if predictions else {}),
        "model_types": ["frozen_model"],
        "dataset": {"name": "", "size": ""},
        "schema": schema,
        "inference": _inference(summary),
        "citation": "",
        "zoo": {
            "id": id,
            "kind": "extractor" if embeddings else "end-to-end",
            "license": "",
            "files": [
                {"kind": "pb", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            ],
            **({"training_flags": flags} if flags else {}),
            **({"parameters": summary.parameters} if summary.parameters else {}),
        },
    }


def _inference(summary: Summary) -> Document:
    """The algorithm and the sample rate of the one family whose features fit the input."""
    from predictors.features.families import FAMILIES

    inputs = [each for each in summary.inputs if each.role == "input"]
    shape = inputs[0].shape if len(inputs) == 1 else None
    sizes = tuple(-1 if size is None else size for size in (shape or ())[1:])
    fitting = [family for family in FAMILIES if family.fits(sizes, None)]
    if len(fitting) != 1:
        return {}
    return {
        "sample_rate": fitting[0].frontend.sample_rate,
        "algorithm": fitting[0].algorithm,
    }


def gaps(document: Document, prefix: str = "") -> list[str]:
    """Name what must be filled in, by its place in the record."""
    found = []
    for key, value in document.items():
        if isinstance(value, dict) and value:
            found += gaps(value, f"{prefix}{key}.")
        elif value in ("", [], {}):
            found.append(f"{prefix}{key}")
    return found
