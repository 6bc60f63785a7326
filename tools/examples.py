"""Make the sounds that the guides work with: ``music``, and ``sounds`` with a folder per class.

Run ``python tools/examples.py build/examples.zip``; the documentation offers this file.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile
from synthesize import RATE, pluck, song
from synthesize_timbres import bell, clip, organ

TIMBRES = {"string": pluck, "bell": bell, "organ": organ}
CLIPS = 10


def write(folder: Path) -> None:
    """Write the sounds below a folder, as Ogg Vorbis."""
    rng = np.random.default_rng(1899)
    music = folder / "music"
    music.mkdir(parents=True)
    _save(music / "arpeggio.ogg", song())
    for name, timbre in TIMBRES.items():
        _save(music / f"{name}.ogg", np.concatenate([clip(timbre, rng) for _ in range(2)]))
        (folder / "sounds" / name).mkdir(parents=True)
        for number in range(CLIPS):
            _save(folder / "sounds" / name / f"{number + 1:02}.ogg", clip(timbre, rng))


def _save(path: Path, samples: np.ndarray) -> None:
    soundfile.write(path, samples, RATE, format="OGG", subtype="VORBIS")


def pack(archive: Path) -> None:
    """Write the sounds as an archive."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made, zipfile.ZipFile(archive, "w") as packed:
        write(Path(made))
        for path in sorted(Path(made).rglob("*.ogg")):
            packed.write(path, path.relative_to(made))


if __name__ == "__main__":
    pack(Path(sys.argv[1]))
