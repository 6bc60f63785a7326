"""What the shell offers for the words of a command: names of models and of their layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from catalog.errors import ZooError
from catalog.store import Store


def models() -> list[str]:
    """All names of models that commands take."""
    from catalog.index import catalog

    return sorted({model.full_name for model in catalog().models})


def installed() -> list[str]:
    """The models in the store."""
    return Store.default().names()


def layers(context: typer.Context) -> list[str]:
    """What ``--layer`` takes of the models that are named before it."""
    from catalog.index import catalog

    found = ["predictions", "logits", "embeddings"]
    for word in _words((*context.params.values(), context.args)):
        try:
            found += [layer.name for layer in catalog().find(word).outputs]
        except ZooError:  # a file, or no model yet
            continue
    return list(dict.fromkeys(found))


def _words(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _words(value)
