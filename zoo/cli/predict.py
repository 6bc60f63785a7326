"""``zoo predict``: what models say about audio."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.errors import NoError, NotFoundError, UsageError
from zoo import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catalog.errors import ZooError
    from predictors.audio import Audio
    from predictors.patches import LastPatch
    from predictors.prediction import Prediction
    from predictors.predictor import Predictor
    from zoo.results import Result


def predict(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL… AUDIO…", help="Models, then files of audio."),
    ] = None,
    audio: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE", help="A file of audio, where it could be taken for a model."),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Classes to show; 5 if absent.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Show the classes with at least this score.")
    ] = None,
    layer: Annotated[
        str, typer.Option(help="predictions, logits, embeddings, or a node of the graph.")
    ] = "predictions",
    patch_hop: Annotated[
        int | None, typer.Option(metavar="FRAMES", help="Distance of the patches.")
    ] = None,
    last_patch: Annotated[
        Literal["discard", "repeat", "pad"],
        typer.Option(help="What becomes of the frames that fill no patch."),
    ] = "discard",
    resampler: Annotated[
        Literal["essentia", "soxr"], typer.Option(help="With Essentia's numbers, or faster.")
    ] = "essentia",
    runtime: Annotated[
        Literal["openvino", "tensorflow", "onnxruntime"], typer.Option(help="Runs the network.")
    ] = "openvino",
    to: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            help="Keep activations over time: .npz, .csv, .json, or a folder for .npz files.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE|DIR", help="Draw activations over time: .png or .svg."),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run models over audio and show the top classes."""
    from zoo import face
    from zoo.results import show

    models, files = split(words or [], audio or [])
    keeper = Keeper.checked(files, models, to, plot)
    predictors = [face.load(model, runtime=runtime, resampler=resampler) for model in models]
    asked = Question(layer, patch_hop, last_patch, top, threshold)
    found: list[Result] = []
    with output.progress() as progress:
        for file in progress.track(files, description="Predicting"):
            results = asked.ask(predictors, file)
            keeper.keep(results)
            if not as_json:
                for result in results:
                    show(result)
            found += results
    keeper.finish(found)
    if as_json:
        output.document({"results": [result.to_json() for result in found]})
    if any(result.error for result in found):
        raise typer.Exit(1)


def split(words: list[str], audio: list[str]) -> tuple[list[str], list[str]]:
    """Tell models from audio: the first existing path that is no model begins the audio.

    Raises
    ------
    UsageError
        Models or audio are missing.
    NotFoundError
        The only audio does not exist.
    """
    from zoo.face import graph_path

    is_audio = [Path(word).exists() and graph_path(word) is None for word in words]
    first = is_audio.index(True) if True in is_audio else len(words)
    if audio and first == 0:  # a path of the model's name is here, hence the --audio
        first = len(words)
    models, files = words[:first], audio + words[first:]
    if not files and models and Path(models[-1]).suffix not in ("", ".pb"):
        raise NotFoundError(f"There is no file {models[-1]}.")
    if not models:
        raise UsageError("Which model?", hint=f"zoo predict MODEL {' '.join(files or ['AUDIO'])}")
    if not files:
        raise UsageError("Which audio?", hint=f"zoo predict {' '.join(models)} song.mp3")
    if len(files) == 1 and not Path(files[0]).exists():
        raise NotFoundError(f"There is no file {files[0]}.")
    return models, files


@dataclass(frozen=True)
class Question:
    """What is asked of every model about every file."""

    layer: str
    patch_hop: int | None
    last_patch: LastPatch
    top: int | None
    threshold: float | None

    def ask(self, predictors: Sequence[Predictor], file: str) -> list[Result]:
        """Decode a file once and ask all models about it."""
        from predictors.audio import read

        try:
            sound = read(file)
        except (NoError, NotFoundError) as error:
            output.failure(error, as_json=False)
            return [self._failed(file, predictor, error) for predictor in predictors]
        if sound.silent:
            output.say(f"note: {file} is silent, so what the model says of it means nothing.")
        return [self._ask(predictor, sound, file) for predictor in predictors]

    def _ask(self, predictor: Predictor, sound: Audio, file: str) -> Result:
        from zoo.results import Result

        try:
            prediction = predictor.predict(
                sound, layer=self.layer, patch_hop=self.patch_hop, last_patch=self.last_patch
            )
        except NoError as error:
            output.failure(error, as_json=False)
            return self._failed(file, predictor, error)
        return Result(
            file,
            predictor.record.id,
            self.layer,
            sound.duration,
            prediction,
            self._top(prediction),
        )

    def _top(self, prediction: Prediction) -> list[tuple[str, float]]:
        """The classes to show: as many as wanted, or all that reach the threshold."""
        if self.threshold is None:
            return prediction.top(self.top or 5)
        everything = prediction.top(self.top or len(prediction.classes))
        return [(name, score) for name, score in everything if score >= self.threshold]

    def _failed(self, file: str, predictor: Predictor, error: ZooError) -> Result:
        from zoo.results import Result

        said = " ".join(filter(None, (error.message, error.why)))
        return Result(file, predictor.record.id, self.layer, error=said)


@dataclass(frozen=True)
class Keeper:
    """Writes what --output and --plot ask for.

    Attributes
    ----------
    document : Path or None
        Takes the results of all files.
    arrays, plots : dict
        From a file of audio to the file that takes its results.
    """

    document: Path | None
    arrays: dict[str, Path]
    plots: dict[str, Path]

    @classmethod
    def checked(
        cls, files: list[str], models: list[str], to: Path | None, plot: Path | None
    ) -> Keeper:
        """Find out where everything goes before any work is done.

        Raises
        ------
        UsageError
            A format is unknown, or cannot hold what it is asked to.
        """
        from zoo.results import places

        if to and to.suffix not in ("", ".npz", ".csv", ".json") and not to.is_dir():
            raise UsageError(f"{to} has an unknown ending.", hint="Known: .npz, .csv and .json.")
        if plot and plot.suffix not in ("", ".png", ".svg", ".pdf") and not plot.is_dir():
            raise UsageError(f"{plot} has an unknown ending.", hint="Known: .png, .svg and .pdf.")
        if len(models) > 1 and (plot or (to and to.suffix == ".csv")):
            raise UsageError(
                f"{plot or to} can hold one model's result, and there are {len(models)}.",
                hint="Predict with one model at a time, or keep all of them: --output FILE.npz",
            )
        whole = to if to and to.suffix == ".json" else None
        return cls(
            whole,
            places(to, files, ".npz") if to and not whole else {},
            places(plot, files, ".png") if plot else {},
        )

    def keep(self, results: Sequence[Result]) -> None:
        """Write the results of one file."""
        from zoo.results import csv, npz, save

        predictions = [result.prediction for result in results if result.prediction]
        if not predictions:
            return
        file = results[0].file
        if path := self.arrays.get(file):
            save(path, csv(predictions) if path.suffix == ".csv" else npz(predictions))
            output.say(f"Wrote {path}")
        if path := self.plots.get(file):
            from predictors.plots import taggram

            save(path, taggram(predictions[0], path.suffix, Path(file).name))
            output.say(f"Wrote {path}")

    def finish(self, results: Sequence[Result]) -> None:
        """Write the results of all files."""
        from zoo.results import save

        if self.document:
            rows = [result.to_json(activations=True) for result in results]
            text = json.dumps({"results": rows}, ensure_ascii=False)
            save(self.document, text.encode() + b"\n")
            output.say(f"Wrote {self.document}")
