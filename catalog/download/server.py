"""What a server answers: redirects, headers, the body, and what each refusal means."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from catalog.download.address import host, require_online, require_private
from catalog.download.part import CHUNK
from catalog.errors import NetworkError

if TYPE_CHECKING:
    from requests import Response

CONNECT = 10.0  # seconds until a server must have answered at all
STALL = 20.0  # seconds that it may fall silent
REDIRECTS = 10
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})

_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class TransientError(Exception):
    """Worth another try, after some seconds."""

    def __init__(self, error: NetworkError, after: float = 0.0) -> None:
        super().__init__(error)
        self.error = error
        self.after = after


def answer(url: str, headers: Mapping[str, str]) -> Response:
    """Ask for a file.

    Returns
    -------
    requests.Response
        Its body not yet read.

    Raises
    ------
    NetworkError
        No answer, and no hope for one: no such host, a long silence, a plain http address.
    TransientError
        No answer this time.
    OfflineError
    """
    from requests import RequestException
    from requests.exceptions import SSLError, Timeout
    from urllib3.exceptions import NameResolutionError

    try:
        return _get(url, headers)
    except RequestException as error:
        final = (Timeout, SSLError, NameResolutionError)
        if isinstance(error, final) or isinstance(_reason(error), final):
            raise silence(error, url) from None
        raise TransientError(silence(error, url)) from None


def _get(url: str, headers: Mapping[str, str]) -> Response:
    """Follow redirects, to safe addresses only."""
    import requests

    require_online(url.rpartition("/")[2])
    first = url
    for _ in range(REDIRECTS + 1):
        require_private(url, first)
        response = requests.get(
            url, headers=headers, stream=True, allow_redirects=False, timeout=(CONNECT, STALL)
        )
        if not response.is_redirect:
            return response
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise NetworkError(f"{host(first)} redirects endlessly.", why=f"The last redirect was to {url}")


def chunks_of(response: Response, url: str) -> Iterator[bytes]:
    """The body as it comes in: what has arrived is never lost to a broken line."""
    from urllib3.exceptions import HTTPError

    try:
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            yield chunk
    except HTTPError as error:
        raise TransientError(silence(error, url)) from None


def validator_of(response: Response) -> str | None:
    """What If-Range may name: a strong entity tag, or else the date (RFC 9110, 13.1.5)."""
    tag = response.headers.get("ETag", "W/")
    return response.headers.get("Last-Modified") if tag.startswith("W/") else tag


def content_range(response: Response) -> tuple[int | None, int | None]:
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    first, total = found.groups() if found else (None, None)
    return (
        int(first) if first else None,
        int(total) if total and total != "*" else None,
    )


def retry_after(response: Response) -> float:
    """Seconds that the server asks to wait: a number, or a date."""
    value = response.headers.get("Retry-After", "0")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0


def refusal(response: Response, url: str) -> NetworkError:
    """Say what an answer without a file means."""
    status = response.status_code
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else response.reason
    return NetworkError(
        f"{host(url)} does not serve {url.rpartition('/')[2]}.",
        why=f"HTTP {status} {phrase} for {url}",
    )


def silence(error: Exception, url: str) -> NetworkError:
    """Say why there was no answer, or only the beginning of one."""
    reason = _reason(error)
    why = str(reason).partition(": ")[2] or str(reason) or type(error).__name__
    return NetworkError(
        f"{host(url)} cannot be reached, or closed the connection early.",
        why=f"{why} ({url})",
    )


def _reason(error: Exception) -> Exception:
    """The innermost error that requests and urllib3 have wrapped."""
    reason: Exception = getattr(error.args[0], "reason", error) if error.args else error
    return reason
