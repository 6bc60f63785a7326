"""Models by what they know: ranking records by the words of a text."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.names import words
from catalog.record import Record


def search(models: Iterable[Record], text: str) -> list[Record]:
    """The models that know every word of a text, the best first.

    A word may be the beginning of a longer one. Names count most, then task, family
    and classes, then the description. Current models stand before those replaced.
    """
    wanted = words(text).split()
    ranked = []
    for model in models if wanted else ():
        ranks = [rank for word in wanted if (rank := _rank(model, word)) is not None]
        if len(ranks) == len(wanted):
            ranked.append((sum(ranks), model.status == "legacy", model))
    return [model for *_, model in sorted(ranked, key=lambda each: each[:2])]


def reason(model: Record, text: str) -> str:
    """Why a search for a text found a model: its fitting classes, or else what it does."""
    starts = [f" {word}" for word in words(text).split()]

    def fits(phrase: str) -> bool:
        return any(start in words(phrase) for start in starts)

    if classes := list(filter(fits, model.display_classes)):
        return f"knows {', '.join(classes)}"
    sentences = model.description.split(". ")
    return next(filter(fits, sentences), sentences[0])


def _rank(model: Record, word: str) -> int | None:
    """How well a word fits, 0 the best; whole words before beginnings; None for not at all."""
    fields = (
        (model.id, *model.names, model.name),
        (
            model.task or "",
            model.family or "",
            model.kind or "",
            *model.classes,
            *model.display_classes,
        ),
        (model.description, str(model.document.get("dataset", {}).get("name", ""))),
    )
    for place, field in enumerate(fields):
        text = words(" ".join(field))
        if f" {word}" in text:
            return 2 * place + (f" {word} " not in text)
    return None
