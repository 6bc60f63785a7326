"""What a server says in its headers, read with distrust: what cannot be read was not said."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from catalog.download.address import host
from catalog.errors import NetworkError

if TYPE_CHECKING:
    from requests import Response

LONGEST_WAIT = 60.0  # seconds, whatever Retry-After asks for

_NUMBER = r"[0-9]{1,18}"
_CONTENT_RANGE = re.compile(rf"bytes (?:({_NUMBER})-{_NUMBER}|\*)/({_NUMBER}|\*)")


def content_length(response: Response) -> int | None:
    """How many bytes are to come."""
    return _number(response.headers.get("Content-Length"))


def content_range(response: Response) -> tuple[int | None, int | None]:
    """Where a part begins, and how many bytes the whole has."""
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    first, total = found.groups() if found else (None, None)
    return _number(first), _number(total)


def validator_of(response: Response) -> str | None:
    """What If-Range may name: a strong entity tag, or else the date (RFC 9110, 13.1.5)."""
    tag = response.headers.get("ETag", "W/")
    named = response.headers.get("Last-Modified") if tag.startswith("W/") else tag
    return named if named and named.isascii() and named.isprintable() else None


def retry_after(response: Response) -> float:
    """Seconds that the server asks to wait, with a number or a date; never very many."""
    text = response.headers.get("Retry-After", "0")
    try:
        seconds = _number(text)
        wait = parsedate_to_datetime(text).timestamp() - time.time() if seconds is None else seconds
    except (ValueError, OverflowError, OSError):  # no date, or one beyond the calendar
        return 0.0
    return min(max(0.0, wait), LONGEST_WAIT)


def location(response: Response, url: str) -> str:
    """The address that an answer redirects to.

    Raises
    ------
    NetworkError
        It is none.
    """
    try:
        target = urljoin(url, response.headers["Location"])
        parts = urlsplit(target)
        nowhere = parts.scheme in ("http", "https") and not (parts.hostname and parts.port != 0)
        if nowhere or not target.isprintable():
            raise ValueError(target)
    except ValueError:
        raise NetworkError(
            f"{host(url)} redirects to an address that cannot be read.",
            why=f"Location: {response.headers['Location'][:100]!a} for {url}",
        ) from None
    return target


def phrase(response: Response) -> str:
    """What the status of an answer means, in words."""
    status = response.status_code
    if status in set(HTTPStatus):
        return HTTPStatus(status).phrase
    return "".join(filter(str.isprintable, response.reason or ""))[:100]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(_NUMBER, text) else None
