"""A network of Spleeter's making, with random weights, as TensorFlow writes it.

A program of its own: ``python spleeter.py FOLDER STEM…`` writes a small one as ``apart.pb`` with
its record, and what TensorFlow makes of music as ``apart.npz``; ``--whole`` makes one as large as
Spleeter, without music. Frames, segments, spectra and the sizes of layers are Spleeter's.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Size:
    """Samples of a frame and between two, frames of a segment, bands, and filters."""

    frame: int
    step: int
    frames: int
    bands: int
    filters: tuple[int, ...]


SMALL = Size(256, 64, 64, 96, (4, 8))
WHOLE = Size(4096, 1024, 512, 1024, (16, 32, 64, 128, 256, 512))


def _mask(tf: Any, spectra: Any, filters: tuple[int, ...], seed: int) -> Any:
    """A U-Net, which halves both axes for each of its filters, and doubles them again."""
    layers = tf.keras.layers

    def convolution(kind: Any, count: int) -> Any:
        weights = tf.keras.initializers.HeUniform(seed)
        return kind(count, 5, strides=2, padding="same", kernel_initializer=weights)

    held, image = [], spectra
    for count in filters:
        held.append(convolution(layers.Conv2D, count)(image))
        image = layers.LeakyReLU(0.2)(layers.BatchNormalization()(held[-1]))
    image = held.pop()
    for count in (*filters[-2::-1], 1):
        image = layers.ReLU()(convolution(layers.Conv2DTranspose, count)(image))
        image = layers.BatchNormalization()(image)
        if held:
            image = layers.Concatenate()([held.pop(), image])
    weights = tf.keras.initializers.HeUniform(seed)
    dilated = {"dilation_rate": 2, "padding": "same", "kernel_initializer": weights}
    mask = layers.Conv2D(2, 4, activation="sigmoid", **dilated)(image)
    return layers.Multiply()([mask, spectra])


def network(tf: Any, stems: list[str], size: Size) -> Any:
    """A function of stereo samples [shape=(samples, 2)]."""
    spectra = tf.keras.Input((size.frames, size.bands, 2))
    masks = [_mask(tf, spectra, size.filters, seed) for seed in range(len(stems))]
    model = tf.keras.Model(spectra, masks)

    def window(length: int, dtype: Any) -> Any:
        return tf.signal.hann_window(length, periodic=True, dtype=dtype)

    def run(waveform: Any) -> Any:
        framed = {"frame_length": size.frame, "frame_step": size.step, "window_fn": window}
        signal = tf.concat([tf.zeros((size.frame, 2)), waveform], 0)
        spectrum = tf.signal.stft(tf.transpose(signal), pad_end=True, **framed)
        spectrum = tf.transpose(spectrum, [1, 2, 0])
        count = tf.shape(spectrum)[0]
        missing = tf.math.floormod(size.frames - tf.math.floormod(count, size.frames), size.frames)
        padded = tf.pad(spectrum, [[0, missing], [0, 0], [0, 0]])
        split = tf.concat(
            [[(count + missing) // size.frames, size.frames], tf.shape(padded)[1:]], 0
        )
        found = model(tf.abs(tf.reshape(padded, split))[:, :, : size.bands], training=False)
        total = tf.reduce_sum([each**2 for each in found], 0) + 1e-10
        stereo = {}
        for stem, each in zip(stems, found, strict=True):
            mask = (each**2 + 1e-10 / len(stems)) / total
            shape = tf.shape(mask)
            row = tf.zeros((shape[0], shape[1], 1, shape[3]))
            mask = tf.concat([mask, tf.tile(row, [1, 1, size.frame // 2 + 1 - size.bands, 1])], 2)
            shape = tf.shape(mask)
            mask = tf.reshape(mask, tf.concat([[shape[0] * shape[1]], shape[2:]], 0))[:count]
            masked = tf.transpose(tf.cast(mask, tf.complex64) * spectrum, [2, 0, 1])
            samples = tf.transpose(tf.signal.inverse_stft(masked, **framed) * (2 / 3))
            samples = samples[size.frame : size.frame + tf.shape(waveform)[0]]
            stereo[stem] = tf.identity(samples, name=f"waveform_{stem}")
        return stereo

    signature = tf.TensorSpec((None, 2), tf.float32, name="waveform")
    return tf.function(run, autograph=False).get_concrete_function(signature)


def write(folder: Path, stems: list[str], size: Size) -> None:
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    frozen = convert_to_constants.convert_variables_to_constants_v2(network(tf, stems, size))
    path = folder / "apart.pb"
    path.write_bytes(frozen.graph.as_graph_def().SerializeToString())
    outputs = [{"name": f"waveform_{stem}"} for stem in stems]
    document = {"schema": {"inputs": [{"name": "waveform"}], "outputs": outputs}}
    zoo = {"id": "apart", "task": "source-separation"}
    path.with_suffix(".json").write_text(json.dumps(document | {"zoo": zoo}))
    if size is SMALL:
        length = 7 * size.step * size.frames // 2 + 5
        music = np.random.default_rng(0).normal(0, 0.2, (length, 2))
        music = (music * np.linspace(0.1, 1, length)[:, None]).astype(np.float32)
        found = frozen(tf.constant(music))
        made = {stem: each.numpy() for stem, each in zip(sorted(stems), found, strict=True)}
        np.savez(path.with_suffix(".npz"), music=music, **made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("stems", nargs="+")
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args()
    write(given.folder, given.stems, WHOLE if given.whole else SMALL)
