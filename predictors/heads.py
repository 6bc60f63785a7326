"""Heads: networks that are fed the embeddings of another one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.errors import UsageError, listed
from predictors.features.families import EMBEDDINGS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from catalog.record import Record
    from predictors.answer import Answer
    from predictors.model import Model

_SHOWN = 3  # extractors in a sentence; the rest is counted


def run_head(head: Model, embeddings: Answer, extractor: Record, node: str) -> Answer:
    """Ask a head about what its extractor said.

    Parameters
    ----------
    head : Model
    embeddings : Answer
        What the extractor said at the layer that the head reads.
    extractor : Record
    node : str
        Of the head.

    Raises
    ------
    UsageError
        The one does not fit the other.
    """
    graph = head.graph(node)
    rows = rows_of(embeddings.output, graph.shape[1:])
    if not fit(graph.shape[1:], rows.shape[1:]):
        raise UsageError(
            f"{head.record.id} does not fit the embeddings of {extractor.id}.",
            why=f"It reads {list(graph.shape[1:])} values a row; "
            f"they have {list(embeddings.output.shape[1:])}.",
        )
    (output,) = head.network(graph, rows.shape[1:])(rows)
    return replace(embeddings, family=None, output=output)


def is_head(model: Model) -> bool:
    """Whether a network reads embeddings, even if it is not known whose."""
    record = model.record
    return bool(model.extractor) or record.kind == "head" or record.algorithm == EMBEDDINGS


def require_extractor(head: Model) -> None:
    """Refuse audio for a head whose extractor is not known.

    Raises
    ------
    UsageError
    """
    record = head.record
    if head.extractor or not is_head(head):
        return
    width = head.graph(*(layer.name for layer in record.outputs[:1])).shape[-1:]
    why = "It reads another model's embeddings, but its record does not name that model."
    block = '{"zoo": {"kind": "head", "extractor": {"id": …}}}'
    raise UsageError(
        f"{record.id} cannot be run on its own.",
        why=" ".join(filter(None, (why, like_embeddings(*width)))),
        hint=f"Name it in {record.id}.json: {block}",
    )


def like_embeddings(width: int = -1) -> str:
    """Say whose embeddings are as wide as an input; nothing if nobody's are."""
    from catalog.index import catalog

    names = [model.id for model in catalog().extractors(width)]
    told = listed(names, _SHOWN)
    return f"Its input is {width} wide, like the embeddings of {told}." if names else ""


def rows_of(embeddings: NDArray[np.float32], wanted: tuple[int, ...]) -> NDArray[np.float32]:
    """Bring an extractor's output into the shape that a head's input has.

    A head reads all rows of a patch (MAEST's tokens) at once, or one after the other.
    """
    if len(wanted) == embeddings.ndim - 1:
        return embeddings
    return embeddings.reshape(-1, *(1 for _ in wanted[1:]), embeddings.shape[-1])


def fit(wanted: tuple[int, ...], sizes: tuple[int, ...]) -> bool:
    """Tell whether sizes are those that are wanted, where -1 is any."""
    return len(wanted) == len(sizes) and all(
        size in (-1, own) for size, own in zip(wanted, sizes, strict=True)
    )
