"""Strategies for what a hostile document or file may be, and how many examples are tried."""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONGEST = 10_000  # ms: no file may take longer


def examples(few: int) -> settings:
    """Try some examples, the same every time; with ``ZOO_FUZZ=N``, N others."""
    return settings(
        max_examples=int(os.environ.get("ZOO_FUZZ", few)),
        deadline=LONGEST,
        database=None,
        derandomize="ZOO_FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes that are cut, flipped, repeated, or filled with large numbers."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.integers(0, 5)):
            case 0:
                del data[at:]
            case 1 if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case 2:
                data[at:at] = data[at : at + draw(st.integers(1, 64))] * draw(st.integers(1, 50))
            case 3:
                data[at : at + 5] = b"\xff\xff\xff\xff\x07"  # 2 GB
            case 4:
                data[at:at] = draw(st.binary(max_size=16))
            case 5:
                del data[at : at + draw(st.integers(1, 32))]
    return bytes(data)


NUMBERS = st.one_of(
    st.integers(-3, 9), st.sampled_from([2**31 - 1, 2**31, 2**62, 2**63 - 1, -(2**63)])
)

TEXT = st.text(max_size=8) | st.sampled_from(["\ud800", "..", "../x", "/x", "", "\0", "a" * 5000])

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | TEXT | NUMBERS | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def edited(draw: st.DrawFn, document: Any) -> bytes:
    """A JSON document with some values replaced by any others, or left out."""
    document = json.loads(json.dumps(document))
    for _ in range(draw(st.integers(1, 3))):
        place = document
        while place:
            key = draw(
                st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
            )
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.integers(0, 3)):
                place[key] = draw(JSON)
            else:
                del place[key]
            break
    return json.dumps(document).encode(errors="surrogatepass")
