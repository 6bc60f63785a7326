"""Essentia's own metadata files, the errors that are known of them, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from freeze.network_file import NetworkFile
from validate import target

DATE, PERCENT = {"metadata-date": "failed"}, {"metadata-metrics": "failed"}
NO_NUMBER, STALE = {"metadata-metrics": "warned"}, {"metadata-link": "warned"}
WIDTH, EMBEDDINGS = {"metadata-width": "failed"}, {"agreement-extractor": "failed"}
KNOWN = {
    "audioset-vggish-3.json": {"metadata-classes": "failed"},
    "deam-audioset-vggish-2.json": DATE,
    "deepsquare-k16-3.json": DATE | {"metadata-width": "warned"},
    "discogs-effnet-bs64-1.json.variant-old-link": STALE,
    "discogs-maest-30s-pw-519l-2.json": WIDTH | NO_NUMBER,
    "discogs-maest-5s-pw-2.json": WIDTH | PERCENT,
    "emomusic-audioset-vggish-2.json": DATE,
    "emomusic-msd-musicnn-2.json": DATE,
    "gender-audioset-vggish-1.json": PERCENT,
    "gender-discogs-effnet-1.json": PERCENT | WIDTH | EMBEDDINGS,
    "genre_discogs400-discogs-maest-5s-pw-1.json": PERCENT | WIDTH | EMBEDDINGS,
    "genre_discogs519-discogs-maest-30s-pw-519l-1.json": NO_NUMBER | WIDTH | EMBEDDINGS,
    "mood_aggressive-discogs-effnet-1.json.variant-misnamed": (
        {"metadata-identity": "failed"} | WIDTH | STALE
    ),
    "mtg_jamendo_top50tags-discogs-effnet-1.json": WIDTH,
    "nsynth_instrument-discogs-effnet-1.json": DATE | PERCENT | WIDTH,
    "nsynth_reverb-discogs-effnet-1.json": DATE | PERCENT,
}
"""What is wrong beyond the stale link that every head of discogs-effnet has."""


def _expected(name: str, text: str) -> dict[str, str]:
    known = dict(KNOWN.get(name, {}))
    if "variant-before-2025-10" in name:
        known |= WIDTH | EMBEDDINGS
    if '"model_name": "discogs-effnet' in text:
        known |= STALE
    return known


@pytest.mark.shared
def test_the_known_errors_are_found_and_nothing_else(shared: Path, tmp_path: Path) -> None:
    examples = sorted((shared / "facts" / "metadata-examples").glob("*.json*"))
    assert len(examples) >= 58
    for example in examples:
        name = example.name.partition(".json")[0]
        path = Path(shutil.copy(example, tmp_path / f"{name}.json"))
        report = target.judge(target.of_path(path)[0])
        told = {c.id: c.status for c in report.checks if c.status in ("failed", "warned")}
        assert told == _expected(example.name, path.read_text()), example.name


@pytest.mark.shared
@pytest.mark.parametrize(
    ("network", "record", "told"),
    [
        (
            "msd-musicnn-1.pb",
            "msd-musicnn-1.json",
            # Rebuilt from another format: not the published bytes.
            {"file-digest": "warned", "file-size": "warned", "graph-dangling": "warned"},
        ),
        ("msd-musicnn-1.pb", "danceability-msd-musicnn-1.json", None),
        ("crepe-tiny-1.pb", None, {}),
        ("deeptemp_k16.pb", None, {}),
        ("emomusic-msd-musicnn-1.pb", None, {}),
        ("genre_dortmund_musicnn_msd.pb", None, {"graph-dangling": "warned"}),
        ("small_vggish_init.pb", None, {}),
        ("vgg4.pb", None, {}),
    ],
)
def test_real_networks_are_judged_rightly(
    network: str, record: str | None, told: dict[str, str] | None, shared: Path, tmp_path: Path
) -> None:
    path = shared / "models" / network
    if record:
        document = shutil.copy(shared / "facts" / "metadata-examples" / record, tmp_path)
        report = target.judge(target.of_pair(Path(document), NetworkFile(path)))
    else:
        report = target.judge(target.of_path(path)[0])
    found = {c.id: c.status for c in report.checks if c.status in ("failed", "warned")}
    if told is None:  # the metadata of another model
        assert {"agreement-layers", "agreement-width"} <= found.keys()
    else:
        assert found == told
