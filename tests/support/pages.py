"""What a browser makes of a page."""

from __future__ import annotations

from html.parser import HTMLParser


class Elements(HTMLParser):
    """A page without a browser: its elements, its words, and what it asks for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, tuple[str, ...]]] = []
        self.words = ""
        self.asked: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, tuple(sorted(name for name, _ in attrs))))
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action"):
                (self.links if tag == "a" else self.asked).append(value or "")

    def handle_data(self, data: str) -> None:
        self.words += data
