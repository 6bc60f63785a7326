"""The list of allowed operations against TensorFlow's own registry."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.operations import table
from freeze.operations.allowed import VARIABLES, onnx_names
from freeze.operations.table import names

HARMLESS = {  # stateful for TensorFlow, but only compute, draw numbers, or call functions
    *("Assert", "CheckNumerics", "CheckNumericsV2", "GuaranteeConst"),
    *("Case", "If", "StatefulPartitionedCall", "While"),
    *("Multinomial", "ParameterizedTruncatedNormal", "RandomGamma", "RandomPoissonV2"),
    *("RandomShuffle", "RandomStandardNormal", "RandomUniform", "RandomUniformInt"),
    "TruncatedNormal",
}
ARRAYS = {  # arrays that live for one run: recurrent networks need them
    f"TensorArray{verb}V3"
    for verb in ("", "Close", "Concat", "Gather", "Read", "Scatter", "Size", "Split", "Write")
}
FUSED = {  # internal, or TensorFlow.js's own: what graph optimizers write
    *("_FusedBatchNormEx", "_FusedConv2D", "_FusedDepthwiseConv2dNative", "_FusedMatMul"),
    *("FusedDepthwiseConv2dNative", "Prelu"),
}
OUTWARD = {  # attributes that name something outside the graph
    *("debug_urls", "debug_ops_spec", "error_msg", "memory_region_name", "shared_name", "token"),
}
GRADIENTS = {"SymbolicGradient"}  # it calls functions that no attribute of the node names
DEVICES = ("BoostedTrees", "Debug", "Inplace", "Sdca", "TPU", "Xla")


def _is_pure(op: Any, public: set[str]) -> bool:
    """Stateless, public, and without text, resources or references among its arguments."""
    from tensorflow.core.framework import types_pb2 as types

    arguments = [*op.input_arg, *op.output_arg]
    return not (
        op.is_stateful
        or op.name not in public
        or op.name in GRADIENTS
        or op.name.startswith(DEVICES)
        or "SparseCore" in op.name
        or any(attribute.name in OUTWARD for attribute in op.attr)
        or any(a.is_ref or a.type in (types.DT_STRING, types.DT_RESOURCE) for a in arguments)
        or ("TensorList" not in op.name and any(a.type == types.DT_VARIANT for a in arguments))
    )


@pytest.fixture(scope="module")
def registry() -> tuple[dict[str, Any], set[str]]:
    """TensorFlow's operations by name, and the names that its own interface shows."""
    import tensorflow
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    ops = op_def_pb2.OpList.FromString(
        pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList())
    )
    return {op.name: op for op in ops.op}, set(dir(tensorflow.raw_ops))


@pytest.mark.tensorflow
def test_the_list_holds_every_operation_without_side_effects_and_no_other(
    registry: tuple[dict[str, Any], set[str]],
) -> None:
    ops, public = registry
    pure = {name for name, op in ops.items() if _is_pure(op, public)}
    assert names() == pure | HARMLESS | ARRAYS | FUSED


@pytest.mark.tensorflow
def test_all_exceptions_are_operations_of_tensorflow(
    registry: tuple[dict[str, Any], set[str]],
) -> None:
    ops, _ = registry
    assert ops.keys() | {"FusedDepthwiseConv2dNative", "Prelu"} >= HARMLESS | ARRAYS | FUSED


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "outward",
    ["File", "Dataset", "PyFunc", "Variable", "Queue", "Reader", "Summary", "Restore", "Save"],
)
def test_operations_that_reach_outside_are_not_on_the_list(
    outward: str, registry: tuple[dict[str, Any], set[str]]
) -> None:
    ops, _ = registry
    assert {name for name in ops if outward in name}
    assert not {name for name in names() if outward in name}


def test_variables_are_not_on_the_list() -> None:
    assert not names() & VARIABLES


def test_the_list_is_sorted_without_doubles() -> None:
    lines = [line for line in table.PATH.read_text("ascii").splitlines() if line[:1] not in "#@"]
    listed = [line.partition(" ")[0] for line in lines if line]
    assert listed == sorted(set(listed))


@pytest.mark.tensorflow
def test_the_signatures_are_those_of_tensorflow() -> None:
    from tools import operations

    assert operations.write() == table.PATH.read_text("ascii")


def test_every_operation_of_onnx_is_on_its_list() -> None:
    onnx = pytest.importorskip("onnx")
    schemas = onnx.defs.get_all_schemas_with_history()
    assert onnx_names() == {each.name for each in schemas if each.domain in ("", "ai.onnx.ml")}
