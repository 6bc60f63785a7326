"""Arrays that are no audio: what a network reads itself, patches or embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from catalog.errors import UsageError
from predictors.answer import Answer, non_silent
from predictors.features import families
from predictors.features.patches import starts
from predictors.heads import fit, is_head, rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from predictors.features.families import Family
    from predictors.model import Model
    from predictors.runtimes.graph import PrunedGraph

MOST_CHANNELS = 32
"""An array with more columns is no audio."""

AUDIO = ", or audio: [samples] or [samples, channels]"


def answer(
    model: Model, array: NDArray[Any], layer: str, patch_hop: int | None = None
) -> Answer | None:
    """Ask a network about an array that is what it reads itself.

    Parameters
    ----------
    model : Model
    array : numpy.ndarray
        Embeddings for a head [shape=(rows, width) or (rows, 1, width)]; for others patches in
        the network's own layout [shape=(patches, ...)].
    layer : str
    patch_hop : int, optional
        Distance of the patches, which gives them times; the model's own if not given. Rows of
        embeddings, and patches of no known family, have their number for their time.

    Returns
    -------
    Answer or None
        None if the array can only be audio.

    Raises
    ------
    UsageError
        It is neither, or could be both.
    """
    if array.ndim < 2 or not len(array):
        return None
    graph = model.graph(model.record.layer(layer).name)
    family = None if is_head(model) else _family(model, graph)
    wanted = family.shape if family else graph.shape[1:]
    fed = _embeddings(model, array, wanted) if is_head(model) else array
    if fed is None or not fit(wanted, fed.shape[1:]):
        if array.ndim == 2 and array.shape[1] <= MOST_CHANNELS:
            return None
        raise UsageError(
            f"{model.record.id} cannot read an array of shape {array.shape}.",
            why=f"It reads {_told(wanted)}{AUDIO if family or model.extractor else ''}.",
        )
    fed = fed.astype(np.float32)
    (output,) = model.network(graph, fed.shape[1:])(fed)
    if family is None:
        times = np.arange(len(output), dtype=np.float64)
        return Answer(None, output, times, np.ones(len(output), bool))
    hop = family.hop if patch_hop is None else patch_hop
    times = starts(len(output), hop, family.frame_rate)
    return Answer(family, output, times, non_silent(fed), family.reach)


def _embeddings(
    head: Model, array: NDArray[Any], wanted: tuple[int, ...]
) -> NDArray[np.float32] | None:
    """Rows of embeddings as a head reads them; None if they are not its width.

    Raises
    ------
    UsageError
        They could be mono or stereo audio as well.
    """
    width = array.shape[-1]
    if wanted[-1] not in (width, -1) or (wanted[-1] == -1 and width <= MOST_CHANNELS):
        return None
    if array.ndim == 2 and width <= 2:
        raise UsageError(
            f"An array of shape {array.shape} can be audio, or embeddings for {head.record.id}.",
            hint=f"Give the sample rate of audio; give embeddings as [rows, 1, {width}].",
        )
    if fit(wanted, array.shape[1:]) or any(size != 1 for size in array.shape[1:-1]):
        return array
    return rows_of(array, wanted)


def _family(model: Model, graph: PrunedGraph) -> Family | None:
    try:
        return families.choose(model.record, graph.shape[1:])
    except UsageError:
        return None


def _told(shape: tuple[int, ...]) -> str:
    return f"[rows, {', '.join('?' if size < 0 else str(size) for size in shape)}]"
