"""A network as the few blocks that a picture shows.

A layer with its bias, activation and normalization is one block; operations that
only rearrange are left out; equal branches, and equal stretches that follow each
other, are folded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from freeze.graph.walk import closure

if TYPE_CHECKING:
    from freeze.analysis.summary import LayerSummary, Summary
    from freeze.shapes.shape import Shape

CATEGORIES = {
    "convolution": (
        *("Conv2D", "_FusedConv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"),
        *("Conv1D", "Conv3D", "Conv2DBackpropInput", "Conv", "ConvTranspose"),
    ),
    "dense": (
        *("MatMul", "_FusedMatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"),
        *("Einsum", "Gemm"),
    ),
    "pooling": (
        *("MaxPool", "AvgPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"),
        *("Mean", "Max", "Min", "Sum", "ReduceMean", "ReduceMax"),
    ),
    "normalization": (
        *("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "BatchNormalization"),
        *("LayerNormalization", "InstanceNormalization", "LRN"),
    ),
    "activation": (
        *("Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Prelu", "PRelu", "Sigmoid", "Tanh"),
        *("Softmax", "LogSoftmax", "Softplus", "Gelu", "Erf", "HardSwish"),
    ),
}
_CATEGORY = {op: category for category, ops in CATEGORIES.items() for op in ops}

_SILENT = frozenset(
    {
        *("Reshape", "Squeeze", "ExpandDims", "Transpose", "Pad", "PadV2", "MirrorPad", "Cast"),
        *("Identity", "IdentityN", "Split", "SplitV", "Unpack", "Pack", "StridedSlice", "Slice"),
        *("Flatten", "Unsqueeze", "Dropout", "StopGradient", "Switch", "Merge"),
    }
)
"""Operations that only rearrange."""

_CHANNELS_FIRST = ("Conv", "ConvTranspose")  # in their kernels

_AFFINE = ("BiasAdd", "Add", "AddV2", "Mul", "Sub", "RealDiv")

_WORDS = {
    **dict.fromkeys(("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"), "BatchNorm"),
    "BatchNormalization": "BatchNorm",
    "_FusedConv2D": "Conv2D",
    "DepthwiseConv2dNative": "Depthwise Conv2D",
    "FusedDepthwiseConv2dNative": "Depthwise Conv2D",
    "Conv2DBackpropInput": "Transposed Conv2D",
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), "MatMul"),
    "AddV2": "Add",
    "ConcatV2": "Concat",
    "Relu": "ReLU",
    "Relu6": "ReLU6",
    "Elu": "ELU",
    **dict.fromkeys(("_FusedMatMul", "Gemm"), "Dense"),
}

TIMES = "\u00d7"

LONGEST_PERIOD = 64
"""Blocks in a stretch that is looked for again after itself."""


@dataclass
class Block:
    """A box of the picture.

    Attributes
    ----------
    name : str
        Of its first layer.
    words : list of str
        What it does, one word an operation.
    category : str
        A key of `CATEGORIES`, ``input``, or ``other``.
    shape : tuple of (int or None), or None
        Of what comes out.
    parameters : int
    inputs : list of str
        Names of blocks.
    times : int
        How many equal ones side by side it stands for.
    purposes : list of str
        Of the outputs in it.
    """

    name: str
    words: list[str]
    category: str
    shape: Shape
    parameters: int = 0
    inputs: list[str] = field(default_factory=list)
    times: int = 1
    purposes: list[str] = field(default_factory=list)

    @property
    def looks(self) -> tuple[object, ...]:
        """What makes two blocks equal."""
        return tuple(self.words), self.shape, self.parameters, self.times, *self.purposes


@dataclass(frozen=True)
class Stretch:
    """Blocks that follow each other, so many times.

    Attributes
    ----------
    blocks : tuple of Block
        Of the first time; in order.
    times : int
    """

    blocks: tuple[Block, ...]
    times: int


def blocks_of(summary: Summary) -> list[Block]:
    """Take a network's layers together to blocks, in order.

    Parameters
    ----------
    summary : Summary
    """
    blocks = {
        tensor.name: Block(tensor.name, ["Input"], "input", tensor.shape)
        for tensor in summary.inputs
        if tensor.role == "input"
    }
    within = {name: [name] for name in blocks}  # the blocks that stand for a layer
    readers = Counter(name for layer in summary.layers for name in layer.inputs)
    for layer in summary.layers:
        before = list(dict.fromkeys(name for read in layer.inputs for name in within.get(read, ())))
        block = blocks[before[0]] if len(before) == 1 else None
        is_only_reader = len(layer.inputs) == 1 and readers[layer.inputs[0]] == 1
        if block and layer.op in _SILENT:
            if is_only_reader and block.category != "input":
                block.shape = layer.shape
            within[layer.name] = before
        elif block and is_only_reader and _finishes(layer, block):
            block.words.append(_word(layer))
            block.shape, block.parameters = layer.shape, block.parameters + layer.parameters
            within[layer.name] = before
        else:
            category = _CATEGORY.get(layer.op, "other")
            blocks[layer.name] = Block(
                layer.name, [_word(layer)], category, layer.shape, layer.parameters, before
            )
            within[layer.name] = [layer.name]
    for block in blocks.values():
        block.words = _spoken(block.words)
        if block.category == "other" and block.words[0] == "BatchNorm":
            block.category = "normalization"
    ends = [output for output in summary.outputs if output.purpose] or summary.outputs
    for output in ends:
        for name in within.get(output.layer, ()):
            blocks[name].purposes += [output.purpose] if output.purpose else []
    last = [name for output in ends for name in within.get(output.layer, ())]
    needed = closure(last or blocks, lambda name: blocks[name].inputs)
    return _folded_branches([block for block in blocks.values() if block.name in needed])


def _finishes(layer: LayerSummary, block: Block) -> bool:
    """Does a layer only finish what the block before it began?"""
    if block.category in ("input", "pooling"):
        return False
    return _CATEGORY.get(layer.op) in ("activation", "normalization") or layer.op in _AFFINE


def _word(layer: LayerSummary) -> str:
    """An operation in a word, of a convolution with its kernel."""
    word = _WORDS.get(layer.op, layer.op)
    category = _CATEGORY.get(layer.op)
    if layer.op == "MatMul" and layer.parameters:
        return "Dense"
    if category == "convolution":
        kernel = layer.kernel or ()
        extent = kernel[2:] if layer.op in _CHANNELS_FIRST else kernel[:-2]
        return " ".join((word, TIMES.join(map(str, extent)))) if None not in extent else word
    if layer.op in ("Add", "AddV2", "BiasAdd") and len(layer.inputs) == 1:
        return "+"
    if layer.op in ("Mul", "Sub", "RealDiv") and len(layer.inputs) == 1:
        return "*"
    return word


def _spoken(words: Sequence[str]) -> list[str]:
    """A normalization that is written out, ``* +``, in a word; biases are not worth one."""
    spoken: list[str] = []
    for index, word in enumerate(words):
        if word == "+" and index and words[index - 1] == "*":
            spoken[-1] = "BatchNorm"
        elif word == "*":
            spoken.append("Scale")
        elif word != "+" or not spoken:
            spoken.append("Offset" if word == "+" else word)
    return spoken


def _folded_branches(blocks: list[Block]) -> list[Block]:
    """Fold equal blocks that read the same and are read by the same one."""
    readers: dict[str, list[str]] = defaultdict(list)
    for block in blocks:
        for name in block.inputs:
            readers[name].append(block.name)
    groups: dict[object, list[Block]] = defaultdict(list)
    for block in blocks:
        key = (block.looks, tuple(block.inputs), tuple(readers[block.name]))
        groups[key if block.inputs and len(readers[block.name]) == 1 else block.name].append(block)
    gone = {block.name: group[0].name for group in groups.values() for block in group[1:]}
    for group in groups.values():
        group[0].times = len(group)
    kept = [block for block in blocks if block.name not in gone]
    for block in kept:
        block.inputs = list(dict.fromkeys(gone.get(name, name) for name in block.inputs))
    return kept


def folded(blocks: Sequence[Block]) -> list[Stretch]:
    """Fold stretches that are repeated one after the other.

    Parameters
    ----------
    blocks : sequence of Block
        In order.

    Returns
    -------
    list of Stretch
        What read the last of the repetitions reads the first.
    """
    pieces = _pieces(blocks)
    looks = [_looks(piece, before) for piece, before in zip(pieces, [[], *pieces], strict=False)]
    stretches: list[Stretch] = []
    stands_for: dict[str, str] = {}
    at = 0
    while at < len(pieces):
        period, times = _repetition(looks, at)
        body = [block for piece in pieces[at : at + period] for block in piece]
        for block in body:
            block.inputs = [stands_for.get(name, name) for name in block.inputs]
        at += period * times
        stands_for[pieces[at - 1][-1].name] = body[-1].name
        stretches.append(Stretch(tuple(body), times))
    return stretches


def _pieces(blocks: Sequence[Block]) -> list[list[Block]]:
    """Cut after each block that alone all that follows depends on."""
    position = {block.name: index for index, block in enumerate(blocks)}
    last_reader = list(range(len(blocks)))
    for index, block in enumerate(blocks):
        for name in block.inputs:
            last_reader[position[name]] = index
    pieces: list[list[Block]] = [[]]
    reach = 0
    for index, block in enumerate(blocks):
        pieces[-1].append(block)
        if reach <= index:
            pieces.append([])
        reach = max(reach, last_reader[index])
    return [piece for piece in pieces if piece]


def _looks(piece: Sequence[Block], before: Sequence[Block]) -> tuple[object, ...]:
    """What makes two pieces equal: their blocks, and how these are connected."""
    place = {block.name: index for index, block in enumerate(piece)}
    place |= {block.name: -1 - index for index, block in enumerate(reversed(before))}
    return tuple(
        (block.looks, tuple(place.get(name, -1 - len(before)) for name in block.inputs))
        for block in piece
    )


def _repetition(looks: Sequence[object], at: int) -> tuple[int, int]:
    """The stretch from a place on that saves most: how many pieces, how many times."""
    best = (1, 1)
    for period in range(1, min(LONGEST_PERIOD, (len(looks) - at) // 2) + 1):
        times = 1
        while looks[at : at + period] == looks[at + times * period : at + (times + 1) * period]:
            times += 1
        if times > 1 and period * (times - 1) > best[0] * (best[1] - 1):
            best = (period, times)
    return best
