"""What a collection will take, before it is begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoo.collecting import estimate

Run = Callable[..., Any]


def test_a_dry_run_counts_files_and_tells_hours(
    predict: Run, songs: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(estimate, "available_cores", lambda: 2)
    Path("list").write_text("\n".join(songs * 1000))
    ran = predict("tiny.pb", "--files", "list", "--dry-run", "--json", "-o", "a.parquet/")
    assert ran.code == 0
    assert ran.document["files"] == 6000
    assert abs(ran.document["hours"] - 6000 * 4 / 3600) < 0.01
    assert 0 < ran.document["core_hours"] < 10
    assert not Path("a.parquet").exists()
    ran = predict("tiny.pb", "music", "--dry-run")
    assert "6 files, about 0.0 hours of audio." in ran.out
    assert "(2 cores)" in ran.out


def test_a_collection_without_audio_has_no_estimate(predict: Run, songs: list[str]) -> None:
    Path("bad.wav").write_bytes(b"RIFF")
    ran = predict("tiny.pb", "bad.wav", "--dry-run")
    assert ran.code == 1 and "None of 1 files" in ran.err
