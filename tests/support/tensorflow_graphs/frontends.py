"""Front-ends, from samples to features."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.tensorflow_graphs.register import AUDIO, PATCH, graph, image, weights


@graph(*AUDIO)
def stft_log_mel(tf: Any) -> Any:
    mel = tf.signal.linear_to_mel_weight_matrix(24, 129, 8000, 20.0, 4000.0)
    return lambda x: tf.math.log(tf.abs(tf.signal.stft(x, 256, 128)) @ mel + 1e-3)


@graph(*AUDIO)
def stft_power_of_framed_audio(tf: Any) -> Any:
    window = tf.signal.hamming_window(200)

    def run(x: Any) -> Any:
        frames = tf.signal.frame(x, 200, 80, pad_end=True) * window
        spectrum = tf.signal.rfft(frames, [256])
        return tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2

    return run


@graph(*AUDIO)
def mfcc(tf: Any) -> Any:
    mel = tf.signal.linear_to_mel_weight_matrix(24, 129, 8000, 20.0, 4000.0)

    def run(x: Any) -> Any:
        bands = tf.abs(tf.signal.stft(x, 256, 128)) @ mel
        return tf.signal.mfccs_from_log_mel_spectrograms(tf.math.log(bands + 1e-2))[..., :13]

    return run


@graph(*AUDIO)
def masked_and_inverse_stft(tf: Any) -> Any:
    mask = tf.constant(np.linspace(0, 1, 129), tf.complex64)
    return lambda x: tf.signal.inverse_stft(tf.signal.stft(x, 256, 128) * mask, 256, 128)


@graph(*AUDIO)
def power_by_conjugates(tf: Any) -> Any:
    def run(x: Any) -> Any:
        spectrum = tf.signal.fft(tf.cast(tf.reshape(x, [-1, 10, 200]), tf.complex64))
        return tf.math.log(tf.math.real(spectrum * tf.math.conj(spectrum)) + 1e-2)

    return run


@graph(*AUDIO)
def learnt_filters(tf: Any) -> Any:
    kernel = weights(64, 1, 8)
    return lambda x: tf.abs(tf.nn.conv1d(image(x), kernel, 16, "SAME"))


@graph(*PATCH)
def energy_normalisation_by_recursion(tf: Any) -> Any:
    def run(x: Any) -> Any:
        steps = tf.transpose(x, [1, 0, 2])
        smooth = tf.scan(lambda before, now: 0.9 * before + 0.1 * now, steps)
        return (x / (1e-3 + tf.transpose(smooth, [1, 0, 2])) ** 0.98 + 2) ** 0.5

    return run


@graph(*AUDIO)
def energy_normalisation_of_a_spectrogram(tf: Any) -> Any:
    def run(x: Any) -> Any:
        bands = tf.abs(tf.signal.stft(x, 256, 128))
        steps = tf.transpose(bands, [1, 0, 2])
        smooth = tf.scan(lambda before, now: 0.975 * before + 0.025 * now, steps)
        return (bands / (1e-3 + tf.transpose(smooth, [1, 0, 2])) ** 0.98 + 2) ** 0.5

    return run
