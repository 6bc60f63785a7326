"""SavedModels are judged as they are, without TensorFlow and without running anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from freeze.formats.messages import SavedModel
from freeze.network_file import NetworkFile
from tests.support import graphs
from validate import files, target
from zoo import validating

NODES = """
x = Placeholder
w = VarHandleOp
init = NoOp
y = PartitionedCall x w
path = Const 1
"""


def _write(folder: Path, change: Callable[[Any], object] | None = None) -> Path:
    """A SavedModel that multiplies by a variable."""
    model = SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    meta.graph_def.CopyFrom(graphs.graph(NODES))
    body = "read = ReadVariableOp w\nz = Mul a read:value:0"
    graphs.function(meta.graph_def, "body a w", body, {"out": "z:z:0"})
    meta.graph_def.library.function[0].signature.input_arg[1].type = 20
    call = meta.graph_def.node[3]
    graphs.call(call, "body", 1)
    call.attr["Tin"].list.type[1] = 20
    served = meta.signature_def["serving_default"]
    served.inputs["x"].name, served.outputs["y"].name = "x:0", "y:0"
    meta.signature_def["__saved_model_init_op"].outputs["__saved_model_init_op"].name = "init"
    if change:
        change(meta)
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    for ending, data in graphs.checkpoint({"w": np.ones(4, np.float32)}).items():
        (folder / "variables" / f"variables{ending}").write_bytes(data)
    return folder


def _told(path: Path) -> dict[str, str]:
    (judged,) = target.of_path(path)
    checks = target.judge(judged).checks
    return {check.id: check.status for check in checks if check.status != "not-applicable"}


@pytest.mark.parametrize("name", ["", "saved_model.pb"])
def test_a_saved_model_passes_by_its_folder_and_its_file(name: str, tmp_path: Path) -> None:
    told = _told(_write(tmp_path / "model") / name)
    assert set(told.values()) == {"passed"}
    assert {"file-kind", "file-whole", "graph-ops", "graph-functions"} <= told.keys()
    assert not {"graph-frozen", "run-completes"} & told.keys()


def test_a_record_beside_a_saved_model_is_compared_with_it(tmp_path: Path) -> None:
    folder = _write(tmp_path / "model")
    document = tmp_path / "model.json"
    made = {"name": "nowhere", "type": "float", "output_purpose": "predictions"}
    layers = {"inputs": [{"name": "x", "type": "float"}], "outputs": [made]}
    document.write_text(json.dumps({"name": "model", "schema": layers}))
    (report,) = validating.validate(document, folder).reports
    assert "agreement-layers" in [check.id for check in report.having("failed")]


def test_a_damaged_or_missing_variable_is_told(tmp_path: Path) -> None:
    folder = _write(tmp_path / "model")
    (data,) = (folder / "variables").glob("*.data*")
    data.write_bytes(data.read_bytes()[::-1])
    assert _told(folder)["file-whole"] == "failed"
    for file in (folder / "variables").iterdir():
        file.unlink()
    assert _told(folder)["file-whole"] == "failed"


def test_what_runs_as_soon_as_it_is_loaded_is_judged(tmp_path: Path) -> None:
    def write(meta: Any) -> None:
        meta.graph_def.node.extend(graphs.nodes("write = WriteFile path path"))
        meta.graph_def.node[2].input.append("^write")

    assert _told(_write(tmp_path / "model", write))["graph-ops"] == "failed"


def test_a_saved_model_that_tensorflow_refuses_fails(tmp_path: Path) -> None:
    def spoil(meta: Any) -> None:
        meta.graph_def.library.function[0].node_def[1].attr.clear()

    assert _told(_write(tmp_path / "model", spoil))["graph-functions"] == "failed"


def test_a_fingerprint_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "fingerprint.pb"
    path.write_bytes(b"\x08\xf3\xa1\xb2\xc3\xd4\xe5\xf6\x07\x01\x10\x05")
    assert NetworkFile(path).kind == "fingerprint"
    assert _told(path) == {"file-kind": "failed"}
    assert "fingerprint" in files.WORDS["fingerprint"]
