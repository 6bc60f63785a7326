"""What is to be exported: the model, and the graph that is made of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from catalog.errors import IntegrityError, UsageError
from zoo.exporting.written import Format

if TYPE_CHECKING:
    from convert.export_graph import ExportGraph
    from zoo.exporting.reference import ReferenceModel
    from zoo.finding import Found

log = logging.getLogger("zoo")

UNCONVERTED = "conversion"
"""Stands in what OpenVINO has to say of operations that it does not know."""

Quantization = Literal["float16", "uint16", "uint8"]
Verification = Literal["node", "reader"]


@dataclass(frozen=True)
class ExportOptions:
    """What to export, and how.

    Attributes
    ----------
    name : str
        A name in the catalog, or a path as `zoo.load` takes it.
    to : {"tfjs", "onnx", "pb"}
    layers : tuple of str
        Purposes or nodes; all of the record's if empty.
    frontend, extractor : bool
        Put the front-end, or a head's extractor, into the graph.
    quantize : {"float16", "uint16", "uint8"}, optional
    converter : {"zoo", "tensorflowjs"}
    verify : {"node", "reader"}, optional
        As `export` takes it.
    """

    name: str
    to: Format
    layers: tuple[str, ...] = ()
    frontend: bool = False
    extractor: bool = False
    quantize: Quantization | None = None
    converter: Literal["zoo", "tensorflowjs"] = "zoo"
    verify: Verification | None = None


def reference_of(options: ExportOptions, model: str | Path | Found) -> ReferenceModel:
    """The model that an export must agree with: found, pulled if need be, and tried out.

    Raises
    ------
    UsageError
        It cannot be exported so.
    IntegrityError
        No runtime can run it, or not within the limits.
    """
    return _tried(_found(options, model))


def _found(options: ExportOptions, name: str | Path | Found) -> ReferenceModel:
    """Find, and if need be pull, the model; its layers, as its record names them."""
    from zoo.api import load
    from zoo.exporting.reference import ReferenceModel
    from zoo.finding import located

    model = load(name).model if options.extractor else located(name)
    record = model.record
    if model.file.kind == "onnx":
        raise UsageError(
            f"{options.name} is an ONNX model.",
            why="Exports are made of TensorFlow's graphs: a .pb, or a TensorFlow.js model.",
            hint="Export one of these.",
        )
    chosen = [record.layer(layer) for layer in options.layers] or record.outputs
    layers = tuple(dict.fromkeys(layer.name for layer in chosen))
    if not layers:
        raise UsageError(
            f"The record of {record.id} names no layers.",
            hint=f"Name them: zoo export {options.name} --to {options.to} --layers NODE,NODE",
        )
    if options.extractor and model.extractor is None:
        raise UsageError(f"{record.id} has no extractor.", why="It takes audio features directly.")
    return ReferenceModel(model, layers)


def _tried(reference: ReferenceModel) -> ReferenceModel:
    """The reference in a runtime that can run it: TensorFlow, where it is, if OpenVINO cannot.

    Raises
    ------
    IntegrityError
        None can, or not within the limits.
    """
    try:
        reference.try_out()
    except IntegrityError as error:
        from freeze.with_tensorflow import is_installed
        from predictors.model import Model
        from zoo.exporting.reference import ReferenceModel

        if reference.extractor or UNCONVERTED not in error.why.lower() or not is_installed():
            raise
        log.info(f"TensorFlow is the reference, as OpenVINO cannot be: {error.why}")
        model = reference.model
        model = Model(model.record, model.file, None, "tensorflow", model.vouched)
        reference = ReferenceModel(model, reference.layers)
        reference.try_out()
    return reference


def prepare(reference: ReferenceModel, options: ExportOptions) -> ExportGraph:
    """Cut the network, and join to it what was asked for.

    Raises
    ------
    UsageError
        The front-end or the extractor does not go with it.
    """
    from convert.export_graph import ExportGraph
    from zoo.exporting.reference import any_batch

    family, below, extractor = reference.family, reference.below, reference.extractor
    network = ExportGraph.of(
        any_batch(reference.graph, reference.model.engine(reference.model.runtime)),
        reference.layers,
        reference.record,
        None if below else family,
    )
    if below and extractor:
        from convert.joined import join

        base = ExportGraph.of(
            any_batch(below, extractor.engine("openvino")), below.outputs, extractor.record, family
        )
        network = join(network, base, below.outputs[0])
    if not options.frontend:
        return network
    if family is None:
        hint = f"zoo export {options.name} --to {options.to} --with-extractor --with-frontend"
        is_head = reference.record.kind == "head"
        raise UsageError(
            f"No front-end fits the input of {reference.record.id}.",
            why="It reads the embeddings of another model." if is_head else "",
            hint=hint if is_head else "",
        )
    from convert.frontend_graph import attach

    return attach(network, family)
