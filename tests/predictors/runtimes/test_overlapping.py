from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from catalog.errors import UsageError
from freeze.formats.messages import GraphDef
from freeze.graph.sharing import Sharing, sharing
from predictors.runtimes import openvino_engine, overlapping
from tests.support.convolutional import BANDS, FRAMES, NETWORKS, Layers

PATCHES = 14


def patches(hop: int, layout: str = "fb") -> NDArray[np.float32]:
    frames = np.random.default_rng(hop).normal(0, 1, (600, BANDS)).astype(np.float32)
    found = sliding_window_view(frames, FRAMES, axis=0)[::hop][:PATCHES]
    return found if layout == "bf" else found.swapaxes(1, 2)


def shared(graph: Any, hop: int, layout: str = "fb") -> Sharing:
    sizes = {"f": FRAMES, "b": BANDS}
    patch = tuple(sizes[axis] for axis in layout)
    found = sharing(graph, ("tags",), "spectrogram", patch, 1 + layout.index("f"), hop)
    assert found
    return found


def alone(graph: Any, fed: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network says as a whole."""
    run = openvino_engine.part(graph, ["tags"], {"spectrogram": fed.shape})
    return run([np.ascontiguousarray(fed)])[0]


@pytest.mark.parametrize(("hop", "batch"), [(1, 3), (5, 1), (13, 2)])
@pytest.mark.parametrize("name", NETWORKS)
def test_shared_frames_change_no_number(name: str, hop: int, batch: int) -> None:
    graph, layout = NETWORKS[name](), "bf" if name == "channels_first" else "fb"
    if (name, hop) == ("channels_first", 13):
        pytest.skip("its first part is too small to gain anything")
    fed = patches(hop, layout)
    compiled = overlapping.overlapping(shared(graph, hop, layout), batch)
    assert compiled
    run = compiled.begin()
    found = [run(part)[0] for part in (fed[:1], fed[1:6], fed[6:])]
    expected = alone(graph, fed)
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=0, atol=1e-6)
    assert expected.std(axis=0).min() > 1e-3  # patches differ by more


def test_patches_that_do_not_follow_each_other_are_computed_each_for_itself() -> None:
    """Such as the last one of a file, made of what is left, and what begins another file."""
    graph, fed = NETWORKS["tones"](), patches(5)
    compiled = overlapping.overlapping(shared(graph, 5), 4)
    assert compiled
    order = [0, 1, 2, 9, 10, 11, 3, 3, 4, 0, 7, 6, 5]
    mixed = fed[order].copy()
    mixed[4, 39] += 1  # seen by this patch alone
    mixed[12, :20] = mixed[12, 20:]
    run = compiled.begin()
    found = np.concatenate([run(mixed[:5])[0], run(mixed[5:])[0]])
    np.testing.assert_allclose(found, alone(graph, mixed), rtol=0, atol=1e-6)


def test_each_piece_of_audio_has_frames_of_its_own() -> None:
    graph, hop = NETWORKS["tones"](), 5
    one, other = patches(hop), patches(hop)[:, ::-1]
    compiled = overlapping.overlapping(shared(graph, hop), 2)
    assert compiled
    first, second = compiled.begin(), compiled.begin()
    for i in range(0, PATCHES, 3):
        for run, fed in ((first, one), (second, other)):
            part = fed[i : i + 3]
            np.testing.assert_allclose(run(part)[0], alone(graph, part), rtol=0, atol=1e-6)


def test_what_is_kept_does_not_grow() -> None:
    compiled = overlapping.overlapping(shared(NETWORKS["tones"](), 5), 3)
    assert compiled
    run, fed, sizes = compiled.begin(), patches(5), set()
    for i in range(0, PATCHES, 3):
        run(fed[i : i + 3])
        sizes.add((len(run._frames), *map(len, run._kept.values())))
    assert sizes == {(7, 31, 28)}  # what the next patch has of this one, and what its frames see


def test_the_frames_in_common_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[int] = []
    part = openvino_engine.part

    def counting(*arguments: Any) -> Any:
        infer = part(*arguments)

        def counted(arrays: Any) -> Any:
            fed.append(arrays[0].shape[1])
            return infer(arrays)

        return counted

    monkeypatch.setattr(overlapping, "part", counting)
    compiled = overlapping.overlapping(shared(NETWORKS["residual"](), 10), 1)
    assert compiled
    compiled.begin()(patches(10)[:1])
    fed.clear()
    run = compiled.begin()
    run(patches(10))
    frames = (PATCHES - 1) * 10 + FRAMES
    inner = sum(size - 6 for size in fed if size == 16)  # reach 6
    assert frames - 6 <= inner < frames - 6 + 10
    assert fed.count(16) == -(-(frames - 6) // 10)


def test_patches_that_depend_on_each_other_are_not_run_in_parts() -> None:
    net = Layers()
    deep = net.convolution(net.spread(net.input), 7, BANDS, 1, 48, padding="VALID")
    peaks = net.add("Max", net.squeeze(deep, 2), net.constant([1]), keep_dims=False)
    mean = net.add("Mean", peaks, net.constant([0]), keep_dims=True)
    net.add("Sub", peaks, mean, name="tags")
    found = shared(GraphDef(node=net.nodes), 5)
    assert overlapping.overlapping(found, 1, "one note") is None
    assert overlapping.overlapping(found, 3, "one note") is None
    assert overlapping.overlapping(found, 1)


def test_a_run_that_fails_leaves_nothing_that_would_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph, fed = NETWORKS["tones"](), patches(5)
    compiled = overlapping.overlapping(shared(graph, 5), 3)
    assert compiled
    run, second = compiled.begin(), compiled.second
    run(fed[:3])
    monkeypatch.setattr(compiled, "second", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(fed[3:6])
    monkeypatch.setattr(compiled, "second", second)
    again = run(fed[3:6])[0]
    np.testing.assert_allclose(again, alone(graph, fed[3:6]), rtol=0, atol=1e-6)


def test_what_openvino_cannot_run_in_parts_is_run_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(*_: Any) -> Any:
        raise UsageError("OpenVINO cannot run this network.")

    monkeypatch.setattr(overlapping, "part", refusing)
    assert overlapping.overlapping(shared(NETWORKS["tones"](), 5), 1) is None
