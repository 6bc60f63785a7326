"""TensorFlow's protobuf messages, as far as graphs and checkpoints need them.

The classes are made at import from the table below, in a descriptor pool of
their own, so that they neither need TensorFlow nor clash with it. A line is a
field's number, type and name, as in TensorFlow's ``.proto`` files; enumerations
are plain integers. Fields that the table leaves out survive a round trip as
unknown fields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

_TABLE = """
GraphDef
  1 repeated NodeDef node
  2 FunctionDefLibrary library
  4 VersionDef versions
NodeDef
  1 string name
  2 string op
  3 repeated string input
  4 string device
  5 map AttrValue attr
AttrValue
  1 ListValue list | value
  2 bytes s | value
  3 int64 i | value
  4 float f | value
  5 bool b | value
  6 int32 type | value
  7 TensorShapeProto shape | value
  8 TensorProto tensor | value
  9 string placeholder | value
  10 NameAttrList func | value
ListValue
  2 repeated bytes s
  3 repeated int64 i
  4 repeated float f
  5 repeated bool b
  6 repeated int32 type
  7 repeated TensorShapeProto shape
  8 repeated TensorProto tensor
  9 repeated NameAttrList func
NameAttrList
  1 string name
  2 map AttrValue attr
TensorShapeProto
  2 repeated Dim dim
  3 bool unknown_rank
Dim
  1 int64 size
  2 string name
TensorProto
  1 int32 dtype
  2 TensorShapeProto tensor_shape
  3 int32 version_number
  4 bytes tensor_content
  5 repeated float float_val
  6 repeated double double_val
  7 repeated int32 int_val
  8 repeated bytes string_val
  9 repeated float scomplex_val
  10 repeated int64 int64_val
  11 repeated bool bool_val
  12 repeated double dcomplex_val
  13 repeated int32 half_val
  16 repeated uint32 uint32_val
  17 repeated uint64 uint64_val
VersionDef
  1 int32 producer
  2 int32 min_consumer
  3 repeated int32 bad_consumers
FunctionDefLibrary
  1 repeated FunctionDef function
  2 repeated GradientDef gradient
FunctionDef
  1 OpDef signature
  3 repeated NodeDef node_def
  4 map string ret
  5 map AttrValue attr
  6 map string control_ret
GradientDef
  1 string function_name
  2 string gradient_func
OpDef
  1 string name
  2 repeated ArgDef input_arg
  3 repeated ArgDef output_arg
  17 bool is_stateful
  20 repeated string control_output
ArgDef
  1 string name
  3 int32 type
  4 string type_attr
  5 string number_attr
  6 string type_list_attr
  16 bool is_ref
SavedModel
  1 int64 saved_model_schema_version
  2 repeated MetaGraphDef meta_graphs
MetaGraphDef
  1 MetaInfoDef meta_info_def
  2 GraphDef graph_def
  3 SaverDef saver_def
  4 map CollectionDef collection_def
  5 map SignatureDef signature_def
  7 SavedObjectGraph object_graph_def
SavedObjectGraph
  1 repeated SavedObject nodes
SavedObject
  1 repeated ObjectReference children
  4 SavedUserObject user_object | kind
  5 SavedAsset asset | kind
  6 SavedFunction function | kind
  7 SavedVariable variable | kind
  8 SavedBareConcreteFunction bare_concrete_function | kind
  9 SavedConstant constant | kind
  10 SavedResource resource | kind
  11 map SaveableObject saveable_objects
  12 CapturedTensor captured_tensor | kind
ObjectReference
  1 int32 node_id
  2 string local_name
SavedUserObject
  1 string identifier
SavedAsset
  1 int32 asset_file_def_index
SavedFunction
  1 repeated string concrete_functions
SavedVariable
  1 int32 dtype
SavedBareConcreteFunction
  1 string concrete_function_name
SavedConstant
  1 string operation
SavedResource
  1 string device
SaveableObject
  2 int32 save_function
  3 int32 restore_function
CapturedTensor
  1 string name
MetaInfoDef
  4 repeated string tags
  5 string tensorflow_version
SaverDef
  1 string filename_tensor_name
  2 string save_tensor_name
  3 string restore_op_name
CollectionDef
  1 NodeList node_list | kind
  2 BytesList bytes_list | kind
NodeList
  1 repeated string value
BytesList
  1 repeated bytes value
SignatureDef
  1 map TensorInfo inputs
  2 map TensorInfo outputs
  3 string method_name
TensorInfo
  1 string name | encoding
  2 int32 dtype
  3 TensorShapeProto tensor_shape
BundleHeaderProto
  1 int32 num_shards
  2 int32 endianness
  3 VersionDef version
BundleEntryProto
  1 int32 dtype
  2 TensorShapeProto shape
  3 int32 shard_id
  4 int64 offset
  5 int64 size
  6 fixed32 crc32c
  7 repeated TensorSliceProto slices
TensorSliceProto
  1 repeated Extent extent
Extent
  1 int64 start
"""


_LABELS = {
    "repeated": FieldDescriptorProto.LABEL_REPEATED,
    "map": FieldDescriptorProto.LABEL_REPEATED,
}


def messages(package: str, table: str) -> Callable[[str], Any]:
    """Make message classes from a table like the one above.

    Parameters
    ----------
    package : str
        The protobuf package.
    table : str

    Returns
    -------
    callable
        Gives a message's class by its name. Its attributes exist at run time only.
    """
    pool = descriptor_pool.DescriptorPool()
    pool.Add(_describe(package, table))

    def message(name: str) -> Any:
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))

    return message


def _describe(package: str, table: str) -> FileDescriptorProto:
    """Turn a table into a descriptor."""
    file = FileDescriptorProto(name=f"zoo/{package}.proto", package=package, syntax="proto3")
    for line in table.strip().splitlines():
        if line.startswith(" "):
            _add_field(file.message_type[-1], line, package)
        else:
            file.message_type.add(name=line)
    return file


def _add_field(message: DescriptorProto, line: str, package: str) -> None:
    declaration, _, oneof = line.partition(" | ")
    number, *label, kind, name = declaration.split()
    if label == ["map"]:
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "1 string key", package)
        _add_field(entry, f"2 {kind} value", package)
        kind = f"{message.name}.{entry.name}"
    field = message.field.add(name=name, number=int(number))
    field.label = _LABELS[label[0]] if label else FieldDescriptorProto.LABEL_OPTIONAL
    if kind.islower():
        field.type = FieldDescriptorProto.Type.Value(f"TYPE_{kind.upper()}")
    else:
        field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f".{package}.{kind}"
    if oneof:
        field.oneof_index = 0
        if not message.oneof_decl:
            message.oneof_decl.add(name=oneof)


_message = messages("tensorflow", _TABLE)

GraphDef = _message("GraphDef")
NodeDef = _message("NodeDef")
AttrValue = _message("AttrValue")
TensorProto = _message("TensorProto")
TensorShapeProto = _message("TensorShapeProto")
FunctionDef = _message("FunctionDef")
SavedModel = _message("SavedModel")
MetaGraphDef = _message("MetaGraphDef")
BundleHeaderProto = _message("BundleHeaderProto")
BundleEntryProto = _message("BundleEntryProto")
