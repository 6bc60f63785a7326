from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager

from predictors.plots.style import shortened, words, written

ODD = "音楽 $x_{$ 😀"


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_letters_without_a_font_and_dollar_signs_give_no_warning(ending: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with words([ODD]):
            figure = Figure(layout="constrained")
            figure.suptitle(ODD)
            content = written(figure, ending)
    assert ending != ".svg" or ODD in content.decode()


def font(path: Path, name: str, letter: str) -> Path:
    """A font of one letter: a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    built = FontBuilder(1000, isTTF=True)
    built.setupGlyphOrder([".notdef", "square"])
    built.setupCharacterMap({ord(letter): "square"})
    built.setupGlyf({".notdef": square, "square": square})
    built.setupHorizontalMetrics({".notdef": (800, 0), "square": (800, 0)})
    built.setupHorizontalHeader(ascent=800, descent=-200)
    built.setupNameTable({"familyName": name, "styleName": "Regular", "psName": "OnlyOneLetter"})
    built.setupOS2()
    built.setupPost()
    built.save(path)
    return path


def test_letters_are_drawn_with_an_installed_font_that_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    letter = "\N{EGYPTIAN HIEROGLYPH A001}"
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist])
    fontManager.addfont(font(tmp_path / "a.ttf", "Only One Letter", letter))
    with words(["plain"]):
        assert FontProperties().get_family() == ["sans-serif"]
    with words(["plain", f"odd {letter}"]):
        assert FontProperties().get_family() == ["sans-serif", "Only One Letter"]
        figure = Figure()
        figure.suptitle(letter, weight="bold")
        assert b"OnlyOneLetter" in written(figure, ".pdf")
    assert not caplog.messages, "that it has no bold letters is no news"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("song.mp3", "song.mp3"),
        ("a long name, 02", "a long …, 02"),
        ("音楽音楽音楽音楽", "音楽音…音楽"),
        ("a\nb\udce9", "a\\nb\\udce9"),
        ("", ""),
    ],
)
def test_a_name_keeps_to_one_line_and_its_length(name: str, short: str) -> None:
    assert shortened(name, 12) == short
