"""What the headers of a server's answer mean, and who may be asked at all."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.download.address import require_private
from catalog.download.headers import (
    LONGEST_WAIT,
    content_length,
    content_range,
    location,
    retry_after,
    validator_of,
)
from catalog.download.part import Part
from catalog.errors import NetworkError

DATE = "Sun, 29 Nov 2026 06:00:00 GMT"


def _response(**headers: str) -> Any:
    return SimpleNamespace(headers={key.replace("_", "-"): text for key, text in headers.items()})


@pytest.mark.parametrize(
    ("headers", "validator"),
    [
        ({"ETag": '"a"', "Last_Modified": DATE}, '"a"'),
        ({"ETag": 'W/"a"', "Last_Modified": DATE}, DATE),
        ({"ETag": 'W/"a"'}, None),
        ({"Last_Modified": DATE}, DATE),
        ({}, None),
    ],
)
def test_a_weak_tag_names_no_version(headers: dict[str, str], validator: str | None) -> None:
    assert validator_of(_response(**headers)) == validator


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bytes 5-9/10", (5, 10)),
        ("bytes 5-9/*", (5, None)),
        ("bytes */10", (None, 10)),
        ("bytes 5-9/10, 1", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_content_range_tells_where_a_part_begins_and_the_whole_ends(
    text: str, told: tuple[int | None, int | None]
) -> None:
    assert content_range(_response(Content_Range=text)) == told


@pytest.mark.parametrize(
    ("url", "first", "is_private"),
    [
        ("https://x.example/m.pb", "https://x.example/m.pb", True),
        ("https://y.example/m.pb", "http://127.0.0.1/m.pb", True),
        ("http://127.0.0.1/m.pb", "http://127.0.0.1/m.pb", True),
        ("http://localhost:8000/m.pb", "http://[::1]/m.pb", True),
        ("http://127.0.0.1/m.pb", "https://x.example/m.pb", False),
        ("http://x.example/m.pb", "http://127.0.0.1/m.pb", False),
        ("http://127.0.0.1.x.example/m.pb", "http://127.0.0.1.x.example/m.pb", False),
        ("file:///etc/passwd", "https://x.example/m.pb", False),
    ],
)
def test_an_address_elsewhere_cannot_lead_to_this_machine(
    url: str, first: str, is_private: bool
) -> None:
    if is_private:
        require_private(url, first)
    else:
        with pytest.raises(NetworkError, match="Only https"):
            require_private(url, first)


def test_a_version_is_that_of_the_address_that_named_it(tmp_path: Path) -> None:
    part = Part(tmp_path / "m.part")
    part.begin("https://x.example/m.pb", '"a"')
    assert part.validator("https://x.example/m.pb") == '"a"'
    assert part.validator("https://y.example/m.pb") is None


@pytest.mark.parametrize("text", ["9" * 5000, "-1", "1e3", "٣", "0x10", "1, 1", ""])
def test_a_length_that_is_no_number_was_not_said(text: str) -> None:
    assert content_length(_response(Content_Length="1024")) == 1024
    assert content_length(_response(Content_Length=text)) is None
    assert content_range(_response(Content_Range=f"bytes 0-9/{text}")) == (None, None)


@pytest.mark.parametrize("text", ['"\x1b[31m"', '"é"', '"a\x85b"', ""])
def test_a_validator_that_no_header_can_carry_was_not_said(text: str) -> None:
    assert validator_of(_response(ETag=text)) is None
    assert validator_of(_response(Last_Modified=text)) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("9" * 5000, 0),
        ("9" * 17, LONGEST_WAIT),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("Fri, 31 Dec 99999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", LONGEST_WAIT),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 0),
        ("soon", 0),
    ],
)
def test_a_wait_is_never_long_and_never_beyond_the_calendar(text: str, seconds: float) -> None:
    assert retry_after(_response(Retry_After=text)) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "http://[::1",
        "http://",
        "https://x:99999/",
        "https://x:a/",
        "https://x/\x1b[2J",
    ],
)
def test_a_location_that_is_no_address_ends_a_redirect(text: str) -> None:
    with pytest.raises(NetworkError, match="cannot be read") as caught:
        location(_response(Location=text), "https://y.example/m.pb")
    assert caught.value.why.isprintable()


def test_a_location_may_be_relative() -> None:
    assert location(_response(Location="../b/m.pb"), "https://y.example/a/m.pb") == (
        "https://y.example/b/m.pb"
    )
