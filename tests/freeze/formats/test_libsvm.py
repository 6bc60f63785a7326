"""libsvm's text: read and written as libsvm does, refused where it contradicts itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from freeze.formats import libsvm
from tests.support import fuzzing
from tests.support.histories import MODEL


def test_a_model_is_read() -> None:
    svm = libsvm.parse(MODEL)
    assert (svm.kernel, svm.gamma, svm.counts, svm.labels) == ("rbf", 0.25, (2, 1, 1), (2, 0, 1))
    assert svm.coefficients.tolist() == [[0.5, -0.25, -0.5, -1], [1, 0.75, 0.5, -0.75]]
    assert svm.vectors[1].tolist() == [1, 0, -0.5, 0, 0]
    assert svm.rho.tolist() == [0.125, -0.25, 0.5]
    assert svm.slope is not None and svm.slope.tolist() == [-1.5, -2, -1.25]


@pytest.mark.parametrize("kernel", ["linear", "polynomial", "rbf", "sigmoid"])
@pytest.mark.parametrize("certain", [True, False])
def test_what_was_written_is_read(kernel: str, certain: bool) -> None:
    svm = replace(libsvm.parse(MODEL), kernel=kernel)  # type: ignore[arg-type]
    if not certain:
        svm = replace(svm, slope=None, intercept=None)
    text = libsvm.serialize(svm)
    again = libsvm.parse(text)
    assert again.kernel == kernel and (again.slope is not None) == certain
    assert np.array_equal(again.vectors, svm.vectors)
    assert libsvm.serialize(again) == text


def test_missing_numbers_at_the_end_are_zeros() -> None:
    assert libsvm.parse(MODEL, width=7).vectors.shape == (4, 7)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("c_svc", "nu_svc"),
        ("rbf", "precomputed"),
        ("nr_class 3", "nr_class 1"),
        ("nr_class 3", "nr_class 100000"),
        ("total_sv 4", "total_sv 5"),
        ("rho 0.125", "rho"),
        ("rho 0.125", "rho nan"),
        ("label 2 0 1", "label 2 0 0"),
        ("label 2 0 1", "label 2 0 3"),
        ("nr_sv 2 1 1", "nr_sv 3 1 1"),
        ("nr_sv 2 1 1", "nr_sv 4 1 -1"),
        ("gamma 0.25", "gamma inf"),
        ("gamma 0.25\n", ""),
        ("\nSV\n", "\n"),
        ("1:0.25", "0:0.25"),
        ("1:0.25", "999999999:0.25"),
        ("1:0.25", "1:nan"),
        ("1:0.25", "1"),
        ("-0.25 0.75", "x 0.75"),
    ],
)
def test_what_contradicts_itself_is_refused(old: str, new: str) -> None:
    assert old in MODEL
    with pytest.raises(ValueError):
        libsvm.parse(MODEL.replace(old, new, 1))


def test_more_vectors_and_classes_than_any_model_has_are_refused() -> None:
    row = "0.5 1 1:1\n"
    many = MODEL.replace("total_sv 4", "total_sv 60000").replace("nr_sv 2", "nr_sv 59998")
    with pytest.raises(ValueError, match="more support vectors than any model"):
        libsvm.parse(many.partition("SV\n")[0] + "SV\n" + row * 60_000)
    with pytest.raises(ValueError, match="places that cannot be"):
        libsvm.parse(MODEL.replace("5:1", f"{libsvm.MOST_NUMBERS // 4 + 1}:1"))


@pytest.mark.slow
@fuzzing.examples(100)
@given(data=st.data())
def test_a_damaged_model_is_read_or_refused(data: st.DataObject) -> None:
    damaged = data.draw(fuzzing.damaged(MODEL.encode()))
    try:
        svm = libsvm.parse(damaged.decode("ascii"))
    except ValueError:
        return
    assert len(svm.labels) == len(svm.counts) >= 2
