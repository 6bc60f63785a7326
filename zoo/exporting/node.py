"""Graph models, run by real TensorFlow.js in Node.js."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catalog.errors import MissingExtraError, ParityError
from catalog.leftovers import working_folder
from catalog.store import Store
from freeze.child import ChildError, ask
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
        try:
            answer = ask([node, str(PROGRAM)], request, SECONDS)
        except ChildError as error:
            raise ParityError(f"TensorFlow.js cannot run {folder}.", why=error.message) from None
        return {
            name: np.fromfile(exchange / f"output{index}", told["dtype"]).reshape(told["shape"])
            for index, (name, told) in enumerate(zip(outputs, answer["outputs"], strict=True))
        }
