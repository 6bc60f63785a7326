"""The protobuf messages that are described here, against TensorFlow's own."""

from __future__ import annotations

from typing import Any

import pytest

from freeze.formats import messages
from freeze.formats.messages import GraphDef, NodeDef

NUMBER_OF_ENUM, NUMBER_OF_INT32 = 14, 5


def test_fields_that_are_not_described_survive() -> None:
    debug_info = b"\x32\x05\x0a\x03abc"  # field 6 of NodeDef
    data = NodeDef(name="a", op="NoOp").SerializeToString() + debug_info
    assert debug_info in NodeDef.FromString(data).SerializeToString(deterministic=True)


def test_maps_are_written_in_one_order() -> None:
    first, second = NodeDef(name="a"), NodeDef(name="a")
    for key in "zyxab":
        first.attr[key].i = 1
    for key in "abxyz":
        second.attr[key].i = 1
    graphs = [
        GraphDef(node=[node]).SerializeToString(deterministic=True) for node in (first, second)
    ]
    assert graphs[0] == graphs[1]


@pytest.mark.tensorflow
def test_every_field_is_tensorflows() -> None:
    from tensorflow.core.protobuf import saved_model_pb2, tensor_bundle_pb2

    compared: set[str] = set()
    _compare(messages.SavedModel.DESCRIPTOR, saved_model_pb2.SavedModel.DESCRIPTOR, compared)
    for name in ("BundleHeaderProto", "BundleEntryProto"):
        theirs = getattr(tensor_bundle_pb2, name).DESCRIPTOR
        _compare(getattr(messages, name).DESCRIPTOR, theirs, compared)
    assert len(compared) > 30


def _compare(ours: Any, theirs: Any, compared: set[str]) -> None:
    if ours.full_name in compared:
        return
    compared.add(ours.full_name)
    for field in ours.fields:
        twin = theirs.fields_by_name[field.name]
        assert _form(field) == _form(twin), (ours.full_name, field.name)
        if field.message_type:
            _compare(field.message_type, twin.message_type, compared)


def _form(field: Any) -> tuple[Any, ...]:
    kind = NUMBER_OF_INT32 if field.type == NUMBER_OF_ENUM else field.type
    oneof = field.containing_oneof.name if field.containing_oneof else ""
    return field.number, kind, field.label, bool(field.message_type), oneof
