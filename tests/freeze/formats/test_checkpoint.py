"""Checkpoints, read without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import AmbiguousNameError, IntegrityError, NotFoundError, ZooError
from freeze.formats.checkpoint import Checkpoint
from freeze.formats.crc32c import crc32c, masked
from freeze.formats.messages import BundleEntryProto, BundleHeaderProto
from freeze.formats.table import items
from tests.support import graphs

VARIABLES: dict[str, Any] = {
    "layer/bias": np.arange(3, dtype=np.float32),
    "layer/kernel": np.arange(6, dtype=np.float64).reshape(2, 3),
    "layer/kernel/Adam": np.zeros((2, 3)),
    "none": np.zeros((0, 4), np.float32),
    "step": np.array(7, np.int64),
}


@pytest.fixture
def files() -> dict[str, bytes]:
    made: dict[str, bytes] = graphs.checkpoint(VARIABLES, graphs.graph("a = NoOp"))
    return made


def _read_all(files: dict[str, bytes]) -> dict[str, Any]:
    checkpoint = Checkpoint("model", files.__getitem__)
    return {name: checkpoint.tensor(name) for name in checkpoint.entries}


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0),
        (b"a", 0xC1D04330),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
    ],
)
def test_checksums_are_those_of_rfc_3720(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


def test_checksums_of_every_length_equal_the_plain_algorithm() -> None:
    data = np.random.default_rng(3).bytes(3000)
    for length in [*range(300), 1023, 1024, 1025, 3000]:
        register = 0xFFFFFFFF
        for byte in data[:length]:
            register ^= byte
            for _ in range(8):
                register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
        assert crc32c(data[:length]) == register ^ 0xFFFFFFFF, length


def test_variables_come_back_bit_for_bit(files: dict[str, bytes]) -> None:
    read = _read_all(files)
    assert list(read) == sorted(VARIABLES)
    for name, values in VARIABLES.items():
        assert read[name].dtype == values.dtype
        assert read[name].shape == values.shape
        assert read[name].tobytes() == values.tobytes()


@pytest.mark.parametrize("per_block", [1, 2, 1000])
def test_a_table_comes_back_in_order(per_block: int) -> None:
    table = {f"name/{i:03}".encode(): bytes([i]) * i for i in range(200)}
    assert dict(items(graphs.table(table, per_block), "x")) == table


@pytest.mark.parametrize("given", ["", "/", "/model", "/model.index", "/model.data-00000-of-00001"])
def test_a_checkpoint_is_found_by_its_folder_prefix_or_files(
    files: dict[str, bytes], tmp_path: Path, given: str
) -> None:
    graphs.save(files, tmp_path / "model")
    checkpoint = Checkpoint.open(f"{tmp_path}{given}")
    assert checkpoint.tensor("step") == 7
    assert [node.name for node in checkpoint.metagraph().graph_def.node] == ["a"]


@pytest.mark.parametrize("given", ["", "/", "/.index", "/.meta"])
def test_hidden_files_of_a_folder_are_found(
    files: dict[str, bytes], tmp_path: Path, given: str
) -> None:
    graphs.save(files, f"{tmp_path}/")
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "/gone/"\n')
    assert Checkpoint.open(f"{tmp_path}{given}").tensor("step") == 7


def test_what_is_missing_is_named(files: dict[str, bytes], tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / "none" / "model"):
        with pytest.raises(NotFoundError):
            Checkpoint.open(path)
    del files[".meta"]
    graphs.save(files, tmp_path / "model")
    with pytest.raises(NotFoundError, match="no variable absent"):
        Checkpoint.open(tmp_path).tensor("absent")
    with pytest.raises(NotFoundError, match=r"model\.meta"):
        Checkpoint.open(tmp_path).metagraph()
    graphs.save(files, tmp_path / "other")
    with pytest.raises(AmbiguousNameError, match="holds 2 checkpoints"):
        Checkpoint.open(tmp_path)


def test_no_cut_of_an_index_is_believed(files: dict[str, bytes]) -> None:
    assert _read_all(files).keys() == VARIABLES.keys()
    for length in range(len(files[".index"])):
        with pytest.raises(IntegrityError):
            _read_all({**files, ".index": files[".index"][:length]})


def test_no_flipped_bit_of_an_index_changes_a_variable(files: dict[str, bytes]) -> None:
    index = files[".index"]
    refused = 0
    for at in range(len(index)):
        for bit in range(8):
            data = index[:at] + bytes([index[at] ^ 1 << bit]) + index[at + 1 :]
            try:
                read = _read_all({**files, ".index": data})
            except ZooError:
                refused += 1
                continue
            assert {name: read[name].tobytes() for name in read} == {
                name: values.tobytes() for name, values in VARIABLES.items()
            }
    unused = 60  # bytes: the metaindex block, and the padding of the footer
    assert refused >= 8 * (len(index) - unused)


def test_no_cut_or_flipped_bit_of_the_data_is_believed(files: dict[str, bytes]) -> None:
    data = files[".data-00000-of-00001"]
    assert _read_all(files).keys() == VARIABLES.keys()
    broken = [data[:length] for length in range(len(data))]
    broken += [data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :] for at in range(len(data))]
    for case in broken:
        with pytest.raises(IntegrityError):
            _read_all({**files, ".data-00000-of-00001": case})


def test_a_table_whose_keys_do_not_grow_is_refused() -> None:
    good = graphs.table({b"a": b"1", b"b": b"2"})
    assert dict(items(good, "x")) == {b"a": b"1", b"b": b"2"}
    end = good.index(b"b2") + 2 + 8  # of the block: its restart points follow the last entry
    block = good[:end].replace(b"b2", b"a2") + good[end : end + 1]
    twice = block + masked(block).to_bytes(4, "little") + good[end + 5 :]
    with pytest.raises(IntegrityError) as refused:
        list(items(twice, "x"))
    assert "not in order" in refused.value.why


def _with_entries(files: dict[str, bytes], change: Callable[[Any], None]) -> dict[str, bytes]:
    """The files with the entry of each variable changed."""
    table = dict(items(files[".index"], "index"))
    for name, value in table.items():
        if name:
            entry = BundleEntryProto.FromString(value)
            change(entry)
            table[name] = entry.SerializeToString()
    return {**files, ".index": graphs.table(table)}


def test_a_variable_in_slices_is_refused(files: dict[str, bytes]) -> None:
    whole = _with_entries(files, lambda entry: None)
    assert _read_all(whole).keys() == VARIABLES.keys()
    sliced = _with_entries(files, lambda entry: entry.slices.add())
    with pytest.raises(IntegrityError, match="stored in slices"):
        Checkpoint("model", sliced.__getitem__).tensor("step")


def test_many_variables_that_are_the_same_bytes_are_refused(
    files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freeze.formats.checkpoint.SMALL", 100)
    checkpoint = Checkpoint("model", files.__getitem__)
    size = len(files[".data-00000-of-00001"])
    times = 4 * size // 48  # `MOST_GIVEN` times the file, by a variable of 48 bytes
    for _ in range(times):
        checkpoint.tensor("layer/kernel")
    with pytest.raises(IntegrityError, match="one of many"):
        checkpoint.tensor("layer/kernel")


def test_a_compressed_block_is_refused(files: dict[str, bytes]) -> None:
    index = bytearray(files[".index"])
    end = len(index) - 48 - 5  # the compression of the last block, the index
    assert index[end] == 0
    index[end] = 1
    with pytest.raises(IntegrityError, match="damaged"):
        _read_all({**files, ".index": bytes(index)})


def test_hostile_keys_and_headers_are_refused() -> None:
    header = BundleHeaderProto(num_shards=1, endianness=1).SerializeToString()
    for table in ({b"": header}, {b"": b"\xff"}, {b"a": b""}):
        with pytest.raises(IntegrityError):
            Checkpoint("x", {".index": graphs.table(table)}.__getitem__)
    block = graphs.varint(0) + graphs.varint(2**60) + graphs.varint(0)
    with pytest.raises(IntegrityError):
        list(items(_table_of(block), "x"))
    same_key_twice = (graphs.varint(0) + graphs.varint(1) + graphs.varint(0) + b"k") * 2
    with pytest.raises(IntegrityError, match="order"):
        list(items(_table_of(same_key_twice), "x"))


def _table_of(entries: bytes) -> bytes:
    """A table whose only data block has these entries, with right checksums."""
    from freeze.formats.crc32c import masked

    def close(entries: bytes) -> bytes:
        block = entries + bytes(4) + (1).to_bytes(4, "little")
        return block + b"\0" + masked(block + b"\0").to_bytes(4, "little")

    data = close(entries)
    handle = graphs.varint(0) + graphs.varint(len(data) - 5)
    index = close(graphs.varint(0) + graphs.varint(1) + graphs.varint(len(handle)) + b"z" + handle)
    footer = graphs.varint(0) * 2 + graphs.varint(len(data)) + graphs.varint(len(index) - 5)
    magic = (0xDB4775248B80FB57).to_bytes(8, "little")
    return data + index + bytes(footer.ljust(40, b"\0")) + magic


@pytest.mark.shared
@pytest.mark.tensorflow
def test_every_variable_equals_tensorflows(checkpoint_folder: Path) -> None:
    from tensorflow.compat.v1.train import NewCheckpointReader

    reader = NewCheckpointReader(f"{checkpoint_folder}/")
    checkpoint = Checkpoint.open(checkpoint_folder)
    names = sorted(reader.get_variable_to_shape_map())
    assert names == sorted(checkpoint.entries)
    assert len(names) in (150, 86)
    for name in names:
        ours, theirs = checkpoint.tensor(name), np.asarray(reader.get_tensor(name))
        assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
        assert ours.tobytes() == theirs.tobytes()
