"""Heads over embeddings that an earlier run kept: nothing is decoded or embedded again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import lab

Run = Callable[..., Any]


def test_a_head_says_of_stored_embeddings_what_it_says_of_the_audio(
    predict: Run, tiny: Any, song: str, tmp_path: Path
) -> None:
    lab.Head(tmp_path, "tiny")
    assert predict("tiny.pb", song, "--layer", "embeddings", "-o", "kept.npz").code == 0
    (heard,) = predict("head.pb", song, "--json").document["results"]
    Path(song).unlink()
    ran = predict("head.pb", "kept.npz", "--json")
    (found,) = ran.document["results"]
    assert (ran.code, found["file"], found["classes"]) == (0, "kept.npz", ["score"])
    assert found["mean"] == pytest.approx(heard["mean"], rel=1e-6)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"matrix": np.zeros((4, 3), np.float32)}, "means of several files"),
        ({"other": np.zeros(3, np.float32)}, "holds no embeddings"),
        ({"activations": np.zeros((5, 7), np.float32)}, "cannot read an array of shape (5, 1, 7)"),
        (None, "cannot be read as arrays"),
    ],
    ids=["several files", "something else", "another width", "no arrays"],
)
def test_what_holds_no_embeddings_for_it_is_told(
    predict: Run, tiny: Any, tmp_path: Path, arrays: dict[str, Any] | None, said: str
) -> None:
    lab.Head(tmp_path, "tiny")
    Path("kept.npz").write_bytes(b"PK\x03\x04 and no more")
    if arrays is not None:
        np.savez("kept.npz", **arrays)
    ran = predict("head.pb", "kept.npz")
    assert ran.code == 1 and said in ran.err
