"""Kinds of files, told by their content."""

from __future__ import annotations

import re

from catalog.errors import WrongKindError

KINDS = {
    "empty": "an empty file",
    "lfs": "a Git LFS pointer instead of the file that it stands for",
    "html": "a web page",
    "tfjs": "the model.json of a TensorFlow.js model",
    "json": "JSON text",
    "zip": "a zip archive",
    "hdf5": "an HDF5 file, as Keras saves them",
    "tflite": "a TensorFlow Lite model",
    "text": "a graph as text",
    "savedmodel": "the saved_model.pb of a SavedModel",
    "fingerprint": "the fingerprint.pb of a SavedModel",
    "onnx": "an ONNX model",
    "history": "a history of Gaia",
    "image": "a picture",
    "pdf": "a PDF document",
    "gzip": "a file that gzip compressed",
    "unknown": "no TensorFlow graph",
}
"""Kinds of files other than frozen graphs, in words."""

HINTS = {
    "text": "Write it as bytes with TensorFlow: "
    "tf.io.write_graph(graph_def, folder, name, as_text=False)",
    "history": "Make a frozen graph of it: zoo freeze x.history -o x.pb",
}
"""How some of them become frozen graphs."""


def kind(data: bytes) -> str:
    """Tell a file's kind by its content.

    Parameters
    ----------
    data : bytes
        The file, or its beginning.

    Returns
    -------
    str
        ``graph``, or a key of `KINDS`.
    """
    text = data[:1024].lstrip().lower()
    if not data:
        return "empty"
    for beginning, name in (
        (b"version https://git-lfs", "lfs"),
        (b"<!doctype", "html"),
        (b"<html", "html"),
        (b"pk\x03\x04", "zip"),
        (b"\x89hdf", "hdf5"),
        (b"j\xear=", "history"),
        *((sign, "image") for sign in (b"\x89png", b"\xff\xd8\xff", b"gif8")),
        (b"%pdf", "pdf"),
        (b"\x1f\x8b", "gzip"),
    ):
        if text.startswith(beginning):
            return name
    if text.startswith((b"{", b"[")):
        return "tfjs" if b'"modeltopology"' in text or b'"graph-model"' in text else "json"
    if data[4:8] == b"TFL3":
        return "tflite"
    if re.match(rb"(\s|#.*\n)*(node|library|versions?)\s*[{:]", data):
        return "text"
    # A protobuf message begins with the key of its first field: number << 3 | wire type.
    if data[:1] == b"\x08":  # field 1 is a number: a SavedModel's schema or ONNX's version
        if data[1:3] == b"\x01\x12":
            return "savedmodel"
        return "fingerprint" if data[1:2] >= b"\x80" else "onnx"  # whose versions are small
    return "graph" if data[:1] in (b"\x0a", b"\x12", b"\x18", b"\x22") else "unknown"


def expect_graph(found: str, name: str) -> None:
    """Refuse a file of another kind: see `kind`.

    Raises
    ------
    WrongKindError
    """
    if found != "graph":
        raise WrongKindError(
            f"{name} is not a frozen graph.",
            why=f"It is {KINDS[found]}.",
            hint=HINTS.get(found, ""),
        )
