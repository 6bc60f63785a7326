"""What a server answers: redirects, headers, the body, and what each refusal means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from catalog.download.address import host, require_online, require_private
from catalog.download.headers import location, phrase
from catalog.download.part import CHUNK
from catalog.errors import NetworkError

if TYPE_CHECKING:
    from requests import Response

CONNECT = 10.0  # seconds until a server must have answered at all
STALL = 20.0  # seconds that it may fall silent
REDIRECTS = 10
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


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
    from requests.exceptions import InvalidHeader, InvalidURL, SSLError, Timeout
    from urllib3.exceptions import HTTPError, NameResolutionError

    try:
        return _get(url, headers)
    except RequestException as error:
        final = (Timeout, SSLError, NameResolutionError, InvalidHeader, InvalidURL)
        if isinstance(error, final) or isinstance(_reason(error), final):
            raise silence(error, url) from None
        raise TransientError(silence(error, url)) from None
    except (HTTPError, ValueError) as error:  # a host's name that is none
        raise silence(error, url) from None


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
        url = location(response, url)
    raise NetworkError(f"{host(first)} redirects endlessly.", why=f"The last redirect was to {url}")


def chunks_of(response: Response, url: str) -> Iterator[bytes]:
    """The body as it comes in: what has arrived is never lost to a broken line."""
    from urllib3.exceptions import HTTPError

    try:
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            yield chunk
    except HTTPError as error:
        raise TransientError(silence(error, url)) from None


def refusal(response: Response, url: str) -> NetworkError:
    """Say what an answer without a file means."""
    return NetworkError(
        f"{host(url)} does not serve {url.rpartition('/')[2]}.",
        why=f"HTTP {response.status_code} {phrase(response)} for {url}",
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
