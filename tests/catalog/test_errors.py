from __future__ import annotations

import sys

import pytest

from catalog.errors import MissingExtraError, listed


@pytest.mark.parametrize("python", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_an_extra_is_named_with_the_python_that_it_needs(
    python: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", (*python, 1, "final", 0))
    other = MissingExtraError.of("parquet", "It is missing.")
    assert other.hint == "pip install 'audiozoo[parquet]'"
    assert other.why == "It comes with the extra `parquet`."
    error = MissingExtraError.of("onnx", "It is missing.", tensorflow=True)
    assert "pip install 'audiozoo[onnx]'" in error.hint
    told = "needs Python 3.12 or older, and this is" in error.why
    assert told == ("In an environment with Python 3.12" in error.hint) == (python > (3, 12))


def test_of_long_lists_the_rest_is_counted() -> None:
    assert listed("abcd", 2) == "a, b and 2 more"
    assert listed("ab", 2) == "a, b"
