"""Each guide as it stands, from the built wheel, with the sounds that the documentation offers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, guide, lab
from tests.support.environment import Environment
from tests.support.guide import GUIDES, Shell

pytestmark = [pytest.mark.install, pytest.mark.slow, pytest.mark.timeout(900)]

DASK = """
import sys
from dask.__main__ import main
if __name__ == "__main__":  # its workers begin with the same file
    sys.exit(main())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment with the wheel, and what its extras bring."""
    made = Environment(tmp_path_factory.mktemp("guides") / "environment")
    made.install(wheel)
    made.script("dask", DASK)
    return made


@pytest.fixture(scope="module")
def home(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the model of the guides, and TensorFlow.js where it was fetched before."""
    home = tmp_path_factory.mktemp("store")
    kept = ROOT / "build" / "store" / "npm"
    if kept.is_dir():
        (home / "npm").symlink_to(kept)
    pulled = subprocess.run(
        [environment.bin / "zoo", "pull", "msd-musicnn-1"],
        env=environment.variables(ZOO_HOME=str(home)),
        capture_output=True,
        text=True,
    )
    if pulled.returncode and not os.environ.get("ZOO_TEST_ALL"):
        pytest.skip(f"msd-musicnn-1 cannot be pulled here: {pulled.stderr}")
    assert pulled.returncode == 0, pulled.stderr
    return home


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sounds, unpacked as a reader does."""
    folder = tmp_path_factory.mktemp("examples")
    archive = folder / "examples.zip"
    command = [sys.executable, str(ROOT / "tools" / "examples.py"), str(archive)]
    subprocess.run(command, check=True)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder / "sounds")
    return folder / "sounds"


@pytest.fixture
def reader(environment: Environment, home: Path, examples: Path, tmp_path: Path) -> Iterator[Shell]:
    """Somebody with the sounds and a shell."""
    folder = tmp_path / "work"
    shutil.copytree(examples, folder)
    variables = environment.variables(ZOO_HOME=str(home), PYTHONUNBUFFERED="1", COLUMNS="100")
    with guide.shell(folder, variables) as made:
        yield made


@pytest.mark.parametrize(
    "name",
    [
        "tag-a-folder",
        "embeddings",
        "train",
        "real-time",
        pytest.param("freeze", marks=pytest.mark.tensorflow),
    ],
)
def test_a_guide_is_right(reader: Shell, name: str) -> None:
    reader.follow(GUIDES / f"{name}.md")


@pytest.mark.node
def test_the_guide_to_publishing_is_right(reader: Shell) -> None:
    lab.described(lab.Network(reader.folder, "loudness-1").path)
    reader.follow(GUIDES / "publish.md")


def test_the_guide_to_large_collections_is_right(reader: Shell) -> None:
    pytest.importorskip("distributed")
    reader.follow(GUIDES / "collection.md")


@pytest.mark.browser
def test_the_guide_to_pages_is_right_and_its_page_hears_a_song(
    reader: Shell, chromium: Any
) -> None:
    reader.follow(GUIDES / "page.md")
    script = Path(__file__).with_name("guide_page.mjs")
    song = str(reader.folder / "music" / "bell.ogg")
    said = chromium.visit(script, f"http://127.0.0.1:{reader.ports['8001']}", args={"song": song})
    heard = dict(line.rsplit(" ", 1) for line in said.splitlines())
    assert list(heard)[:2] == ["electronic", "ambient"]


def test_every_guide_is_tried() -> None:
    text = Path(__file__).read_text("utf-8")
    for page in GUIDES.glob("*.md"):
        assert f'"{page.stem}"' in text or f'"{page.name}"' in text, page


def test_what_is_shown_is_compared() -> None:
    assert guide.pattern("a …\n…\nlast\n") == r"a\ .*[ ]*" + "\\n(?:.*\\n)*?last[ ]*\\n"
    with guide.shell(Path(), os.environ) as made, pytest.raises(AssertionError, match="is not"):
        made._run(guide.Command("echo one", "two\n"))
