"""Graph models, run by real TensorFlow.js in Node.js."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catalog.errors import MissingExtraError, ParityError
from catalog.leftovers import working_folder
from catalog.store import Store
from zoo import npm

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROGRAM = Path(__file__).with_suffix(".mjs")

SECONDS = 600
"""That a model may take to load and run."""


def run(
    folder: Path,
    feeds: Mapping[str, NDArray[Any]],
    outputs: Sequence[str],
    backend: Literal["wasm", "cpu"] = "wasm",
) -> dict[str, NDArray[Any]]:
    """Run a TensorFlow.js graph model once.

    Parameters
    ----------
    folder : Path
        With ``model.json``.
    feeds : mapping of str to ndarray
        For each input its values: float32, int32 or bool.
    outputs : sequence of str
        The layers to compute.
    backend : {"wasm", "cpu"}
        The second is some 26 times slower.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ParityError
        TensorFlow.js cannot load or run the model, or not in time.
    MissingExtraError
        There is no Node.js, or no TensorFlow.js and no npm to fetch it.
    """
    node = shutil.which("node")
    if node is None:
        raise MissingExtraError(
            "Node.js, which runs TensorFlow.js outside a browser, is not installed.",
            hint="Install Node.js with npm, or omit: --verify node",
        )
    tfjs = npm.tensorflowjs(Store.default())
    arrays = {name: np.ascontiguousarray(values) for name, values in feeds.items()}
    with working_folder() as exchange:
        for index, values in enumerate(arrays.values()):
            (exchange / f"input{index}").write_bytes(values.tobytes())
        inputs = [
            {"name": name, "dtype": values.dtype.name, "shape": values.shape}
            for name, values in arrays.items()
        ]
        request = {
            **{"tfjs": str(tfjs), "model": str(folder.absolute()), "exchange": str(exchange)},
            **{"backend": backend, "inputs": inputs, "outputs": list(outputs)},
        }
        answer = _ask(node, request)
        if "error" in answer:
            raise ParityError(f"TensorFlow.js cannot run {folder}.", why=answer["error"])
        return {
            name: np.fromfile(exchange / f"output{index}", told["dtype"]).reshape(told["shape"])
            for index, (name, told) in enumerate(zip(outputs, answer["outputs"], strict=True))
        }


def _ask(node: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Ask a child process; an answer that does not come is an answer, too."""
    try:
        child = subprocess.run(
            [node, str(PROGRAM)],
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=SECONDS,
        )
        answer: dict[str, Any] = json.loads(child.stdout)
    except subprocess.TimeoutExpired:
        return {"error": f"It did not finish within {SECONDS} seconds."}
    except ValueError:
        lines = child.stderr.decode(errors="replace").split("\n")
        told = next((line for line in lines if "Error" in line), f"exit code {child.returncode}")
        return {"error": f"Node.js ended without an answer: {told.strip()}"}
    return answer
