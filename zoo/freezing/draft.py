"""The draft of a record: what a graph tells, with gaps where only people know."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from catalog.json_text import edited
from zoo.freezing.said import Said, extractors, with_predictions

if TYPE_CHECKING:
    from catalog.record import Document
    from freeze.analysis.summary import Summary


NEEDED = frozenset(("classes", "zoo.license", "zoo.extractor"))
"""What people must say before a record is one; all else is welcome."""


def draft(id: str, summary: Summary, data: bytes, version: str, said: Said) -> Document:
    """Begin the record of a network.

    What must be filled in is empty, so that ``zoo validate`` finds it. A record that has all
    it needs is complete: it gets a plain description, and no empty keys.

    Parameters
    ----------
    id : str
        The name of its file, without the ending.
    summary : Summary
    data : bytes
        The file.
    version : str
        Of the TensorFlow that wrote the network; empty if it is not known.
    said : Said
        What the author tells.

    Raises
    ------
    UsageError
        The network's widths say otherwise.
    """
    begun = _begun(id, summary, data, version, said)
    said.require_fitting(begun["schema"])
    told: Document = json.loads(edited(json.dumps(begun), dict(said.places())))
    if NEEDED.intersection(gaps(told)) and not said.descriptors:
        return told
    described: Document = _filled({**told, "description": _description(told)})
    return described


def _begun(id: str, summary: Summary, data: bytes, version: str, said: Said) -> Document:
    """What the graph tells, with gaps."""
    from freeze.analysis.summary import schema_of
    from predictors.features.families import EMBEDDINGS

    schema = with_predictions(schema_of(summary), said.classes)
    purposes = {each["output_purpose"] for each in schema["outputs"]}
    inference = inference_of(summary)
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
        **({"classes": []} if "predictions" in purposes else {}),
        "model_types": ["frozen_model"],
        "dataset": {"name": "", "size": ""},
        "schema": schema,
        "inference": inference,
        "citation": "",
        "zoo": {
            "id": id,
            "kind": "head"
            if inference.get("algorithm") == EMBEDDINGS
            else "extractor"
            if "embeddings" in purposes
            else "end-to-end",
            "license": "",
            "files": [
                {"kind": "pb", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            ],
            **({"training_flags": flags} if flags else {}),
            **({"parameters": summary.parameters} if summary.parameters else {}),
        },
    }


def inference_of(summary: Summary) -> Document:
    """The algorithm and the sample rate of the one family whose features fit the input.

    One vector of a known extractor's width is embeddings.
    """
    from predictors.features.families import EMBEDDINGS, FAMILIES

    inputs = [each for each in summary.inputs if each.role == "input"]
    shape = inputs[0].shape if len(inputs) == 1 else None
    sizes = tuple(-1 if size is None else size for size in (shape or ())[1:])
    fitting = [family for family in FAMILIES if family.fits(sizes, None)]
    if len(fitting) != 1:
        return {"algorithm": EMBEDDINGS} if not fitting and extractors(summary) else {}
    return {
        "sample_rate": fitting[0].frontend.sample_rate,
        "algorithm": fitting[0].algorithm,
    }


def _description(document: Document) -> str:
    """One plain sentence of what is known."""
    names, block = document.get("classes", ()), document["zoo"]
    source = f"the embeddings of {block['extractor']['id']}" if "extractor" in block else "audio"
    if "descriptors" in block:
        source = f"{len(block['descriptors'])} descriptors of Essentia's music extractor"
    if not names:
        return f"Makes embeddings of {source}."
    return (
        f"Tells {', '.join(names) if len(names) <= 8 else f'{len(names)} classes'} from {source}."
    )


def gaps(document: Document) -> list[str]:
    """Name what must be filled in, by its place in the record."""
    block = document["zoo"]
    unread = block["kind"] == "head" and "extractor" not in block
    return [*_empty(document), *(["zoo.extractor"] if unread else [])]


def _empty(document: Document, prefix: str = "") -> list[str]:
    found = []
    for key, value in document.items():
        if isinstance(value, dict) and value:
            found += _empty(value, f"{prefix}{key}.")
        elif value in ("", [], {}):
            found.append(f"{prefix}{key}")
    return found


def _filled(document: Document) -> Document:
    """The same without what is empty, outside the lists."""
    inner = {k: _filled(v) if isinstance(v, dict) else v for k, v in document.items()}
    return {key: value for key, value in inner.items() if value not in ("", [], {})}
