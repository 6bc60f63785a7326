"""What a model says while it listens, on the terminal."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from zoo import output
from zoo.cli.bars import bar

if TYPE_CHECKING:
    from types import TracebackType

    from rich.text import Text

    from predictors.prediction import Prediction
    from zoo.listening.live import Tally

REFRESH = 0.1
"""Seconds between two drawings while nothing new is said."""
LABEL = 32
"""Characters of a class's name that are shown."""


class View(Protocol):
    """Shows what is said."""

    def __enter__(self) -> View: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def show(self, tally: Tally, new: list[Prediction]) -> None:
        """Show what is new; called for every block of sound."""


class Nothing:
    """Shows nothing, for `--json`."""

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, tally: Tally, new: list[Prediction]) -> None:
        pass


class Lines(Nothing):
    """One line a prediction: when its patch begins, and the top classes."""

    def __init__(self, top: int) -> None:
        self._top = top

    def show(self, tally: Tally, new: list[Prediction]) -> None:
        for prediction in new:
            shown = prediction.top(self._top)
            top = "  ".join(f"{prediction.spoken(name)} {score:.3f}" for name, score in shown)
            print(f"{prediction.times[0]:9.3f}  {top}", flush=True)


class Bars:
    """The top classes of now as bars, drawn over those of before.

    Parameters
    ----------
    title : str
    span : float
        What the model looks at, in seconds.
    top : int
    """

    def __init__(self, title: str, span: float, top: int) -> None:
        from rich.console import Console
        from rich.live import Live

        self._title = title
        self._span = span
        self._console = Console()
        self._top = top
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._drawn = 0.0

    def __enter__(self) -> View:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, tally: Tally, new: list[Prediction]) -> None:
        if new or monotonic() - self._drawn > REFRESH:
            self._drawn = monotonic()
            self._live.update(self._text(tally), refresh=True)

    def _text(self, tally: Tally) -> Text:
        from rich.text import Text

        width = self._console.width - 1
        minutes, seconds = divmod(int(tally.heard), 60)
        clock = f"{minutes}:{seconds:02}"
        head = Text(self._title, "bold", no_wrap=True)
        head.truncate(width - len(clock) - 1, overflow="ellipsis", pad=True)
        lines = [head.append(f" {clock}", "not bold")]
        if tally.last:
            lines += self._bars(tally.last, width)
            said = f"latency {tally.latency * 1000:.0f} ms, real-time factor "
            foot = f"{said}{tally.real_time_factor:.3f}, Ctrl-C stops"
        else:
            foot = f"listening; the model needs {self._span:.2f} s"
        lines.append(Text(foot, "dim", no_wrap=True, overflow="ellipsis"))
        return Text("\n").join(lines)

    def _bars(self, prediction: Prediction, width: int) -> list[Text]:
        from rich.text import Text

        label = min(LABEL, width // 2, max(map(len, map(prediction.spoken, prediction.classes))))
        room = max(0, width - label - 13)
        scale = prediction.activations.min() >= 0 and prediction.activations.max() <= 1
        lines = []
        for name, score in prediction.top(min(self._top, max(1, self._console.height - 3))):
            line = Text(f"  {prediction.spoken(name)}", no_wrap=True)
            line.truncate(label + 2, overflow="ellipsis", pad=True)
            line.append(f"  {score:7.3f}")
            lines.append(line.append(f"  {bar(score, room)}", "cyan") if scale else line)
        return lines


def view(title: str, span: float, top: int, as_json: bool) -> View:
    """Choose how to show what is said: by bars on a terminal, else by lines."""
    if as_json:
        return Nothing()
    return Bars(title, span, top) if output.is_screen(sys.stdout) else Lines(top)
