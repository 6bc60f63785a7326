"""Code to copy: how a published model is used elsewhere."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.record import Record

_MELODY = "time, frequency, confidence, activations"
_RESULTS = {"TempoCNN": "bpm, local_bpm, probabilities", "PitchCREPE": _MELODY}


def commands(model: Record, address: str | None) -> str:
    """Pull a model, and ask it.

    Parameters
    ----------
    model : Record
    address : str, optional
        Where the zoo is published; if not given, the model is one of the catalog.
    """
    name = shlex.quote(model.id if address else model.full_name)
    catalog = f" --catalog {shlex.quote(address)}" if address else ""
    given = "song.json" if model.descriptors or model.kind == "svm" else "song.mp3"
    return f"zoo pull {name}{catalog}\nzoo predict {name} {given}"


def essentia(model: Record, extractor: Record | None) -> str | None:
    """Python code that runs a model in Essentia; None if Essentia has no algorithm for it.

    Parameters
    ----------
    model : Record
    extractor : Record, optional
        Of a head.
    """
    chain = [extractor, model] if extractor else [model]
    runners = [_runner(each, _wanted(each)) for each in chain]
    if extractor and model.extractor:
        runners[0] = _runner(extractor, model.extractor.layer or _layer(extractor, "embeddings"))
    first = chain[0]
    if not all(runners) or first.sample_rate is None:
        return None
    imported = ", ".join(dict.fromkeys(["MonoLoader", *(each.algorithm or "" for each in chain)]))
    lines = [
        f"from essentia.standard import {imported}",
        "",
        f'audio = MonoLoader(filename="song.mp3", sampleRate={first.sample_rate})()',
    ]
    if extractor:
        lines += [f"embeddings = {runners[0]}(audio)", f"predictions = {runners[1]}(embeddings)"]
    else:
        lines.append(f"{_RESULTS.get(model.algorithm or '', _result(model))} = {runners[0]}(audio)")
    return "\n".join(lines)


def javascript(model: Record, tfjs: str) -> str:
    """A page that lets people choose a file and shows what a model says about it.

    Parameters
    ----------
    model : Record
    tfjs : str
        Address of its folder from the page.
    """
    hears = "prediction.top(5)" if model.classes else "prediction.activations"
    return f"""\
<input type="file" accept="audio/*">
<script type="module">
  import {{ Model, decode }} from "./zoo/zoo.js";
  const loading = Model.load({_literal(tfjs)});
  document.querySelector("input").onchange = async (event) => {{
    const {{ samples, sampleRate }} = await decode(event.target.files[0]);
    const prediction = await (await loading).predict(samples, sampleRate);
    console.log({hears});
  }};
</script>"""


def _runner(model: Record, layer: str | None) -> str | None:
    """The call that makes an Essentia algorithm of a model."""
    algorithm = model.algorithm
    if algorithm in (None, "TensorflowPredict") or not (model.inputs and layer):
        return None
    settings: dict[str, object] = {
        "graphFilename": f"{model.id}.pb",
        **_patches(model),
        "input": model.inputs[0].name,
        "output": layer,
    }
    listed = ",\n".join(f"    {name}={_literal(value)}" for name, value in settings.items())
    return f"{algorithm}(\n{listed},\n)"


def _patches(model: Record) -> Mapping[str, int]:
    """The patches of a model, where they are not those of its Essentia algorithm."""
    from predictors.features.families import FAMILIES

    patch = model.patch
    usual = next((each for each in FAMILIES if each.algorithm == model.algorithm), None)
    if not (patch and usual) or (patch.frames, patch.hop) == (usual.frames, usual.hop):
        return {}
    return {"patchSize": patch.frames, "patchHopSize": patch.hop}


def _wanted(model: Record) -> str | None:
    """The layer that a user of this model is after."""
    return _layer(model, "predictions") or _layer(model, "embeddings")


def _layer(model: Record, purpose: str) -> str | None:
    return next((layer.name for layer in model.outputs if layer.purpose == purpose), None)


def _result(model: Record) -> str:
    return "predictions" if _layer(model, "predictions") else "embeddings"


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
