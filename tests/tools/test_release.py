"""A release: one version everywhere, and notes from the changelog."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import ROOT
from tools import release
from zoo.version import __version__


def test_every_place_names_the_same_version() -> None:
    assert set(release.versions(ROOT).values()) == {__version__}


def test_the_notes_are_the_section_of_the_version(tmp_path: Path) -> None:
    (tmp_path / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 0.2.0\n\n- New.\n\n### Broken\n\n## 0.1.0\n\n- Old.\n"
    )
    assert release.notes("0.2.0", tmp_path) == "- New.\n\n### Broken\n"
    with pytest.raises(SystemExit):
        release.notes("0.3.0", tmp_path)


def test_a_tag_of_another_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"v9\.9\.9"):
        release.main(tmp_path / "dist", "v9.9.9")
    assert not (tmp_path / "dist").exists()
