"""TensorProto to NumPy and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.errors import IntegrityError
from freeze.formats import tensors
from freeze.formats.messages import TensorProto

NUMERIC = [kind for kind in tensors.DTYPES.values() if kind.name != "string"]


def _proto(dtype: int, *sizes: int, **values: Any) -> Any:
    proto = TensorProto(dtype=dtype, **values)
    for size in sizes:
        proto.tensor_shape.dim.add(size=size)
    return proto


@pytest.mark.parametrize("kind", NUMERIC, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 3), (5, 7, 2), (3, 0, 2)])
def test_an_array_comes_back_as_it_was(kind: tensors.DType, shape: tuple[int, ...]) -> None:
    bits = np.random.default_rng(1).integers(0, 2, (*shape, kind.numpy.itemsize), np.uint8)
    values = bits.view(kind.numpy).reshape(shape)
    back = tensors.array(tensors.proto(values))
    assert back.dtype == kind.numpy
    assert back.shape == shape
    assert back.tobytes() == values.tobytes()


def test_text_comes_back_as_it_was() -> None:
    values = np.array([[b"a", b""], [b"\xff\x00", b"long" * 99]], object)
    assert tensors.array(tensors.proto(values)).tolist() == values.tolist()


def test_a_big_endian_array_is_written_as_its_values() -> None:
    values = np.arange(99, dtype=">f4")
    assert tensors.array(tensors.proto(values)).tolist() == values.tolist()


def test_scalars_are_written_as_typed_values_and_large_tensors_as_bytes() -> None:
    scalar, large = tensors.proto(np.float32(2)), tensors.proto(np.zeros(99, np.float32))
    assert (list(scalar.float_val), scalar.tensor_content) == ([2], b"")
    assert (list(large.float_val), len(large.tensor_content)) == ([], 396)


def test_the_last_value_fills_the_rest() -> None:
    assert tensors.array(_proto(1, 2, 2, float_val=[1, 5])).tolist() == [[1, 5], [5, 5]]
    assert tensors.array(_proto(3, 3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "proto",
    [
        _proto(1, 2, tensor_content=b"\0" * 7),
        _proto(1, -1),
        _proto(1, 2**40, 2**40),
        _proto(1, 0, 2**62, 2**62),
        _proto(1, 2**28, float_val=[1]),
        _proto(1, *[1] * 99),
        _proto(4, 1, int_val=[256]),
        _proto(8, 1, scomplex_val=[1]),
        _proto(7, 1, tensor_content=b"abc"),
        _proto(20),
        _proto(999),
    ],
    ids=str,
)
def test_a_tensor_that_cannot_be_is_refused(proto: Any) -> None:
    with pytest.raises(IntegrityError):
        tensors.array(proto)


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", NUMERIC, ids=lambda kind: kind.name)
@pytest.mark.parametrize("shape", [(), (3,), (5, 7)])
def test_tensorflow_reads_and_writes_the_same_tensors(
    kind: tensors.DType, shape: tuple[int, ...]
) -> None:
    from tensorflow import make_ndarray, make_tensor_proto
    from tensorflow.core.framework.tensor_pb2 import TensorProto as Theirs

    values = np.asarray(np.random.default_rng(2).uniform(0, 99, shape)).astype(kind.numpy)
    ours = Theirs.FromString(tensors.proto(values).SerializeToString())
    assert np.array_equal(make_ndarray(ours), values)
    theirs = TensorProto.FromString(make_tensor_proto(values).SerializeToString())
    assert np.array_equal(tensors.array(theirs), values)
