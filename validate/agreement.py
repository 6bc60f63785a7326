"""Do a graph and the record that describes it agree."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.errors import UsageError, listed
from catalog.fields import Layer
from catalog.record import Record
from freeze.shapes.shape import shape_text
from predictors.features.families import ALIASES, EMBEDDINGS, FAMILIES, Family, choose
from validate.graph import ReadGraph, Shape, TensorInfo, dtype_of
from validate.metadata import fitting
from validate.record import CheckedRecord, embeddings, layer_text, predictions, shapes_agree
from validate.report import Check, compared, failed, not_applicable, passed, warned


@dataclass(frozen=True)
class DescribedGraph:
    """A graph, and the record that describes it.

    Attributes
    ----------
    checked : CheckedRecord
    graph : ReadGraph
    """

    checked: CheckedRecord
    graph: ReadGraph

    @property
    def record(self) -> Record:
        return self.checked.record

    @property
    def audio(self) -> TensorInfo | None:
        """The input of an export that has its front-end with it [shape=(samples,)]."""
        inputs = (each for each in self.graph.placeholders if each.dtype == "float32")
        return next((each for each in inputs if each.shape and len(each.shape) == 1), None)

    @property
    def inputs(self) -> tuple[Layer, ...]:
        """The inputs of the record; none where ONNX has lost them behind a front-end."""
        lost = self.audio and self.graph.kind == "onnx"
        return () if lost else self.record.inputs

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (*self.inputs, *self.record.outputs)

    @property
    def pairs(self) -> list[tuple[Layer, TensorInfo]]:
        """Every layer of the record that the network has, with its tensor."""
        found = ((layer, self.tensor(layer)) for layer in self.layers)
        return [(layer, tensor) for layer, tensor in found if tensor]

    def tensor(self, layer: Layer) -> TensorInfo | None:
        """The tensor of a layer: by its name or, in ONNX where names are new, by its width."""
        found = self.graph.tensor(layer.name)
        if found or self.graph.kind != "onnx":
            return found
        if layer in self.inputs:
            alike = self.graph.placeholders
        else:
            ends = (self.graph.tensor(name) for name in self.graph.ends)
            width = layer.shape[-1] if layer.shape else None
            alike = [t for t in ends if t and t.shape and t.shape[-1] == width]
        return alike[0] if len(alike) == 1 else None

    @property
    def flags(self) -> list[str]:
        """Training flags: those that the record names, and those that the graph shows."""
        return [*dict.fromkeys((*self.record.training_flags, *self.graph.flags))]

    @property
    def stated(self) -> list[str]:
        """The outputs of the record that the network has."""
        found = map(self.tensor, self.record.outputs)
        return [*dict.fromkeys(tensor.name for tensor in found if tensor)]

    @property
    def outputs(self) -> list[str]:
        """What to judge: the stated outputs, or else everything that may be one."""
        return self.stated or self.graph.ends


def check(described: DescribedGraph) -> list[Check]:
    """Judge a graph beside its record; nothing if the record names no layers."""
    if not described.layers:
        return []
    judges = (inputs, layers, dtype, rank, width, classes, frontend, extractor, descriptors)
    return [judge(described) for judge in judges]


def layers(described: DescribedGraph) -> Check:
    """Look up every layer of the record; of a converted network, those that programs ask for."""
    id, graph = "agreement-layers", described.graph
    missing = [layer for layer in described.layers if not described.tensor(layer)]
    if not missing:
        return passed(id)
    there = listed([tensor.name for tensor in graph.placeholders] + graph.ends, 4)
    purposes = [layer.purpose for layer in missing if layer in described.record.outputs]
    needed = graph.kind == "graph" or {"predictions", "embeddings"} & set(purposes)
    told = failed if needed or len(purposes) < len(missing) else warned
    return told(id, f"nodes of the graph, such as {there}", listed(each.name for each in missing))


def inputs(described: DescribedGraph) -> Check:
    """Find inputs that outputs need and the record does not name, or the other way round."""
    reached = described.graph.reached(described.outputs)
    id, found = "agreement-inputs", list(map(described.tensor, described.inputs))
    named = [described.graph.place(tensor.name).node for tensor in found if tensor]
    idle = [name for name in named if name not in reached]
    if idle:
        return failed(id, "inputs that an output needs", listed(idle))
    expected = {*named, *described.record.training_flags}
    unnamed = [
        tensor.name
        for tensor in described.graph.placeholders
        if tensor.name in reached
        and tensor.name not in expected
        and described.graph.nodes[tensor.name].op != "PlaceholderWithDefault"
    ]
    known = {*described.flags, *([described.audio.name] if described.audio else [])}
    data = [name for name in unnamed if name not in known]
    if data:
        stated = listed(layer.name for layer in described.inputs)
        return failed(id, f"only {stated or 'none'}", f"also {listed(data)}")
    if unnamed := [name for name in unnamed if name in described.flags]:
        wanted = 'training flags: {"zoo": {"training_flags": …}}'
        return warned(id, wanted, f"also {listed(unnamed)}")
    return passed(id)


def dtype(described: DescribedGraph) -> Check:
    """Compare element types."""
    return compared(
        "agreement-dtype",
        [
            (f"{layer.name} {tensor.dtype}", layer.dtype)
            for layer, tensor in described.pairs
            if tensor.dtype and dtype_of(layer) != tensor.dtype
        ],
    )


def rank(described: DescribedGraph) -> Check:
    """Compare numbers of axes; the batch and further axes of size 1 may be left out."""
    return compared(
        "agreement-rank",
        [
            (str(tensor), layer_text(layer))
            for layer, tensor in described.pairs
            if layer.shape and tensor.shape is not None and not ranks_fit(layer.shape, tensor.shape)
        ],
    )


def ranks_fit(ours: tuple[int | str, ...], theirs: Shape) -> bool:
    """Whether a shape that metadata state has as many axes as the tensor, or fewer that count."""
    without_batch = theirs[1:]
    fewest = next((i for i, size in enumerate(without_batch) if size != 1), len(without_batch))
    return max(1, len(without_batch) - fewest) <= len(ours) <= max(1, len(theirs))


def width(described: DescribedGraph) -> Check:
    """Compare sizes of axes, counted from the last."""
    return compared(
        "agreement-width",
        [
            (str(tensor), layer_text(layer))
            for layer, tensor in described.pairs
            if layer.shape and tensor.shape and not shapes_agree(layer.shape, tensor.shape)
        ],
    )


def classes(described: DescribedGraph) -> Check:
    """Count the classes and the values of the predictions."""
    id, layer = "agreement-classes", predictions(described.record)
    names = described.record.classes
    tensor = described.tensor(layer) if layer else None
    if not tensor or not tensor.shape or tensor.shape[-1] is None or not names:
        return not_applicable(id)
    if tensor.shape[-1] == len(names):
        return passed(id)
    return failed(id, f"{tensor.shape[-1]} classes, like {tensor}", f"{len(names)} classes")


def frontend(described: DescribedGraph) -> Check:
    """Look for a front-end that makes what the network reads."""
    tensor = described.tensor(described.inputs[0]) if len(described.inputs) == 1 else None
    if not tensor or not tensor.shape:
        return not_applicable("agreement-frontend")
    return fitting_frontend(described.checked, tensor.shape[1:])


def stated_frontend(checked: CheckedRecord) -> Check:
    """Look for a front-end that makes what the record says that the network reads."""
    inputs, families = checked.record.inputs, _families(checked.record)
    stated = (inputs[0].shape or ()) if len(inputs) == 1 else ()
    if not stated or not families:
        return not_applicable("agreement-frontend")
    # Metadata may name the batch or not, and the axes in any order.
    shapes = [each.shape for each in families if {s for s in each.shape if s > 1} <= set(stated)]
    shape = shapes[0] if shapes else stated
    return fitting_frontend(checked, tuple(s if isinstance(s, int) else None for s in shape))


def fitting_frontend(checked: CheckedRecord, shape: Shape) -> Check:
    """Compare one patch's shape, and the sample rate, with the family's front-end."""
    id, record = "agreement-frontend", checked.record
    if record.descriptors:
        return not_applicable(id, "It reads descriptors.")
    if record.algorithm == EMBEDDINGS or record.kind == "head" or checked.extractor_name:
        return not_applicable(id, "It reads embeddings.")
    if record.algorithm and not _families(record):
        return not_applicable(id, f"{record.algorithm} is not a known algorithm for features.")
    sizes = tuple(-1 if size is None else size for size in shape)
    rate = f" at {record.sample_rate} Hz" if record.sample_rate else ""
    found = f"{shape_text(shape)}{rate}"
    try:
        family = choose(record, sizes)
    except UsageError as error:
        return (failed if record.algorithm else warned)(id, error.why, found)
    if not family.fits(sizes, record.sample_rate):
        return failed(id, str(family), found)
    return passed(id)


def _families(record: Record) -> list[Family]:
    """The families of the algorithm that a record names, with the record's own patches."""
    algorithm = ALIASES.get(str(record.algorithm), record.algorithm)
    return [each.patched(record.patch) for each in FAMILIES if each.algorithm == algorithm]


def extractor(described: DescribedGraph) -> Check:
    """Compare a head's input with its extractor's embeddings."""
    tensor = described.tensor(described.inputs[0]) if described.inputs else None
    if not tensor:
        return not_applicable("agreement-extractor")
    return fitting(embeddings(described.checked), tensor.shape, tensor.name)


def descriptors(described: DescribedGraph) -> Check:
    """Compare the width of the input with that of the descriptors that the record lists."""
    id, listed_ones = "agreement-descriptors", described.record.descriptors
    tensor = described.tensor(described.inputs[0]) if len(described.inputs) == 1 else None
    if not listed_ones or not tensor or not tensor.shape:
        return not_applicable(id)
    wide = sum(each.size for each in listed_ones)
    if tensor.shape[-1] in (None, wide):
        return passed(id)
    return failed(id, f"{wide} wide, as its descriptors are together", str(tensor))
