"""The pages of a published zoo."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

import pytest

from catalog.index import catalog
from catalog.record import Record
from tests.support import lab
from tests.support.pages import Elements
from zoo import card
from zoo.publishing import pages
from zoo.publishing.pages import File, Published
from zoo.publishing.snippets import essentia

HOSTILE = (
    """<script>alert(1)</script>"'><img src=x onerror=alert(1)></code></pre>{{ 7*7 }}{% raw %}"""
)


def record(text: str, link: str) -> Record:
    """A model that says the same in every place where it may say what it likes."""
    layer = {"name": text, "type": "float", "shape": [187, 96], "description": text}
    document = {
        **dict.fromkeys(("name", "type", "version", "description", "author"), text),
        **{"citation": text, "release_date": text, "link": link, "classes": [text] * 70},
        "dataset": {"name": text, "size": text, "metrics": {text: text}},
        "schema": {"inputs": [layer], "outputs": [{**layer, "output_purpose": text}]},
        "inference": {"sample_rate": 16000, "algorithm": text},
        "zoo": {
            **{"id": "some-model-1", "names": [text], "task": text, "family": text},
            **{"kind": text, "license": text, "notes": [text]},
        },
    }
    return Record(document)


def published(model: Record) -> Published:
    digest = "0123456789abcdef" * 4
    files = tuple(
        File(path, 1000, digest)
        for path in (f"{model.id}.pb", f"{model.id}.json", "tfjs/model.json", "tfjs/weights.bin")
    )
    extractor = catalog().find(model.extractor.id) if model.extractor else None
    return Published(model, files, "tfjs", extractor)


def test_foreign_text_adds_nothing_to_a_page() -> None:
    tame = published(record("tame", "https://example.org/some-model-1.pb"))
    wild = published(record(HOSTILE, "https://example.org/some-model-1.pb"))
    for render in (lambda each: pages.page("title", each), lambda each: pages.index("t", [each])):
        expected, found = Elements(render(tame)), Elements(render(wild))
        assert found.shape == expected.shape
        assert found.asked == expected.asked
        assert "{{ 7*7 }}" in found.words
    assert Elements(pages.index(HOSTILE, [])).shape == Elements(pages.index("tame", [])).shape


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_what_is_no_address_of_the_web_is_no_link(link: str) -> None:
    elements = Elements(pages.page("title", published(record("tame", link))))
    assert link not in elements.links
    assert not any(each.startswith(link.split(":")[0] + ":") for each in elements.links)


def test_a_page_asks_no_other_host() -> None:
    model = catalog().find("msd-musicnn-1")
    for html in (pages.page("title", published(model)), pages.index("title", [published(model)])):
        elements = Elements(html)
        assert all(not re.match(r"(\w+:)?//", address) for address in elements.asked)
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
        assert policy is not None
        directives = dict(each.strip().partition(" ")[::2] for each in policy[1].split(";"))
        assert directives["default-src"] == "'none'"
        allowed = " ".join(directives.values()).split()
        assert set(allowed) <= {"'none'", "'self'", "'wasm-unsafe-eval'", "data:", "blob:"}


def test_all_that_a_page_asks_for_is_there() -> None:
    assets = pages.assets()
    model = published(catalog().find("msd-musicnn-1"))
    for html, folder in (
        (pages.page("title", model), PurePosixPath("models/msd-musicnn-1")),
        (pages.index("title", [model]), PurePosixPath()),
    ):
        for address in Elements(html).asked:
            if not address.startswith("data:"):
                assert _joined(folder, address) in assets
    asked = Elements(pages.page("title", model)).asked
    card = Elements(pages.page("title", Published(model.model, card=True)))
    for module in ("zoo/site/trial.js", "zoo/numbers.js", "zoo/listening.js"):
        assert f"../../{module}" in asked, "the browser would find it late"
    assert not [path for path in card.asked if "trial" in path], "a card runs no model"
    for path, data in assets.items():
        if path.endswith(".js"):
            for name in re.findall(r'from "(\.[^"]+)"', data.decode()):
                assert _joined(PurePosixPath(path).parent, name) in assets


def _joined(folder: PurePosixPath, address: str) -> str:
    parts: list[str] = []
    for part in (folder / address).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


@pytest.mark.slow
def test_every_model_of_the_catalog_has_a_page() -> None:
    models = list(map(published, catalog().models))
    for each in models:
        elements = Elements(pages.page("Our models", each))
        assert each.model.id in elements.words
        assert all(name in elements.words for name in each.model.display_classes)
        assert each.model.class_order in elements.words
        assert f"{each.model.id}.pb" in elements.links
    elements = Elements(pages.index("Our models", models))
    wanted = {f"models/{each.model.id}/" for each in models}
    assert wanted <= set(elements.links)
    assert f"{len(models)} models" in elements.words


def test_a_page_without_a_web_model_offers_no_trial() -> None:
    model = catalog().find("msd-musicnn-1")
    elements = Elements(pages.page("title", Published(model)))
    assert "Audio stays on this machine" not in elements.words
    assert "zoo.js" not in elements.words


def test_a_model_without_a_name_is_called_by_its_id_once() -> None:
    document = {**record("tame", "x").document, "name": "some-model-1"}
    for html in (
        pages.page("title", Published(Record(document))),
        pages.index("title", [Published(Record(document))]),
    ):
        assert '<p class="id">' not in html
    named = pages.index("title", [Published(Record({**document, "name": "some_model"}))])
    assert ">some model</a>" in named and '<p class="id">some-model-1</p>' in named


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"ROC-AUC": 0.88, "accuracy": 1.0}, "1 is perfect, a ROC-AUC of 0.5 is guessing"),
        ({"arousal": {"R^2 Score": 0.5, "Mean Square Error": 4}}, "1 is perfect, of errors 0"),
        ({"Root Mean Square Error": 0.6}, "0 is perfect"),
        ({"roc_auc": 0.9, "pr_auc": 0.5}, "1 is perfect, a ROC-AUC of 0.5 is guessing"),
        ({"r2": 0.5, "rmse": 1.5}, "1 is perfect, of errors 0"),
        ({"accuracy": 88.0}, ""),
        ({"accuracy": 0.88, "equal error rates": 0.1, "EER": 0.1}, ""),
        ({}, ""),
    ],
)
def test_a_page_says_what_its_metrics_mean(metrics: dict[str, Any], told: str) -> None:
    data = {"name": "Songs", "metrics": metrics}
    model = Record({**record("tame", "x").document, "dataset": data})
    assert card.graded(model) == told
    assert (f"({told})" in Elements(pages.page("title", Published(model))).words) == bool(told)


def test_a_license_is_told_in_words() -> None:
    elements = Elements(pages.page("title", published(catalog().find("msd-musicnn-1"))))
    assert "non-commercial purposes, with credit" in elements.words


def test_the_code_for_essentia_names_algorithm_nodes_and_rate() -> None:
    assert essentia(catalog().find("msd-musicnn-1"), None) == (
        "from essentia.standard import MonoLoader, TensorflowPredictMusiCNN\n\n"
        'audio = MonoLoader(filename="song.mp3", sampleRate=16000)()\n'
        "predictions = TensorflowPredictMusiCNN(\n"
        '    graphFilename="msd-musicnn-1.pb",\n'
        '    input="model/Placeholder",\n'
        '    output="model/Sigmoid",\n'
        ")(audio)"
    )


def test_the_code_for_essentia_runs_a_head_behind_its_extractor() -> None:
    head, extractor = catalog().find("mood_happy-msd-musicnn-1"), catalog().find("msd-musicnn-1")
    code = essentia(head, extractor)
    assert code is not None
    assert 'output="model/dense/BiasAdd",\n)(audio)' in code
    assert code.endswith(")(embeddings)")
    assert "TensorflowPredict2D" in code.splitlines()[0]


def test_the_code_for_essentia_is_python_whatever_the_model() -> None:
    written = 0
    for model in catalog().models:
        extractor = catalog().find(model.extractor.id) if model.extractor else None
        code = essentia(model, extractor)
        if code:
            compile(code, model.id, "exec")
            written += 1
    assert written > 250
    algorithms = {"algorithm": "TensorflowPredictMusiCNN", "sample_rate": 16000}
    wild = Record({**record(HOSTILE, "x").document, "inference": algorithms})
    compile(essentia(wild, None) or "", "wild", "exec")


@pytest.mark.slow
def test_essentia_runs_the_code_for_it(tmp_path: Any, monkeypatch: Any) -> None:
    pytest.importorskip("essentia")
    network = lab.Network(tmp_path)
    lab.audio(tmp_path / "song.mp3", lab.impulses(16000), 16000)
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(essentia(Record(network.record), None) or "", found)
    assert found["predictions"].shape == (8, 2)
