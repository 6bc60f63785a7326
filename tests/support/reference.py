"""What the Python side says of some audio and activations, for the tests in JavaScript."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from predictors.audio.decoding import Audio, read
from predictors.decoders import pitch, tempo
from predictors.features.analysis import framed
from predictors.features.frontends import CREPE, FSDSINET, MUSICNN, VGGISH, Frames

RATES = ((44100, 16000), (48000, 16000), (22050, 16000), (44100, 11025), (16000, 22050))
SUBTYPES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")


def write(folder: Path) -> None:
    """Write all references into a folder."""
    random = np.random.default_rng(7)
    for origin, target in RATES:
        samples = _noise(origin)
        _save(folder / f"{origin}.f32", samples)
        _save(folder / f"{origin}-{target}.f32", Audio(samples, origin).resampled(target).samples)
    stereo = random.uniform(-1.05, 1.05, (1000, 2))
    for subtype in SUBTYPES:
        path = folder / f"{subtype}.wav"
        soundfile.write(path, stereo, 22050, subtype)
        _save(path.with_suffix(".f32"), read(path).samples)
    for ending in ("mp3", "flac", "ogg", "opus"):
        subtype = "OPUS" if ending == "opus" else None
        kind = "OGG" if ending == "opus" else None
        path = folder / f"rate.{ending}"
        soundfile.write(path, stereo, 24000, format=kind, subtype=subtype)
    lengths = {path.name: len(read(path).samples) for path in folder.glob("rate.*")}
    (folder / "lengths.json").write_text(json.dumps(lengths))
    (folder / "decoded.json").write_text(json.dumps(_decoded(random)))
    (folder / "frames.json").write_text(json.dumps(_frames(random)))


def _noise(rate: int) -> np.ndarray:
    """Two seconds, the same for each rate."""
    random = np.random.default_rng(rate)
    return random.uniform(-0.5, 0.5, 2 * rate + 17).astype(np.float32)


def _save(path: Path, samples: np.ndarray) -> None:
    path.write_bytes(np.ascontiguousarray(samples, "<f4").tobytes())


def _decoded(random: np.random.Generator) -> dict[str, object]:
    """Activations with what they mean together."""
    tempi = np.repeat(random.dirichlet(np.full(256, 0.1), 5), 2, axis=0).astype(np.float32)
    pitches = np.eye(360, dtype=np.float32)[[0, 3, 100, 357, 359]]
    pitches = np.maximum(pitches * 0.9, random.uniform(0, 0.5, pitches.shape)).astype(np.float32)
    non_silent = np.arange(10) != 1
    return {
        "nonSilent": non_silent.tolist(),
        "tempi": tempi.tolist(),
        "pitches": pitches.tolist(),
        **tempo.decode(tempi, non_silent).to_json(),
        **pitch.decode(pitches, non_silent[:5]).to_json(),
    }


def _frames(random: np.random.Generator) -> list[dict[str, object]]:
    """Sums of the frames of signals, weighted so that each sample's place counts."""
    cases = []
    every_tenth = Frames(name="crepe", sample_rate=16000, frame=1024, hop=160, valid=CREPE.valid)
    for frames in (MUSICNN, VGGISH, FSDSINET, every_tenth):
        for length in (1, frames.hop, 3 * frames.hop, 5000, 5001):
            samples = random.integers(-9, 9, length).astype(np.float32)
            weighted = framed(samples, frames) @ np.arange(1, frames.frame + 1)
            cases.append(
                {
                    "frontend": {key: getattr(frames, key) for key in ("frame", "hop", "valid")},
                    "samples": samples.tolist(),
                    "sums": weighted.tolist(),
                }
            )
    return cases
