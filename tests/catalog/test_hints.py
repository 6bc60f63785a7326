from __future__ import annotations

import ast
from inspect import signature

import pytest

import zoo
from catalog.errors import NotFoundError
from catalog.hints import in_python


@pytest.mark.parametrize(
    ("hint", "python"),
    [
        ("", ""),
        ("Name a new folder.", "Name a new folder."),
        ("zoo pull msd-musicnn-1", "zoo.pull('msd-musicnn-1')"),
        ("Try: zoo pull m --mirror URL", "Try: zoo.pull('m', mirror='URL')"),
        ("Build it: zoo pull m --from-source", "Build it: zoo.pull('m', from_source=True)"),
        ("See: zoo ls 'mood*'", "See: zoo.models('mood*')"),
        ("zoo info m --json", "zoo.info('m')"),
        ("zoo inspect m.pb --layers", "zoo.inspect('m.pb')"),
        ("zoo validate 'a b.json' m.pb --fix", "zoo.validate('a b.json', 'm.pb', fix=True)"),
        (
            "zoo freeze run/model -o m.pb --node dense/Sigmoid",
            "zoo.freeze('run/model', output='m.pb', nodes=['dense/Sigmoid'])",
        ),
        (
            "zoo freeze --architecture a.b:c --checkpoint run/model -o MODEL.pb",
            "zoo.freeze(architecture='a.b:c', checkpoint='run/model', output='MODEL.pb')",
        ),
        (
            "zoo export m --to tfjs --with-extractor --with-frontend",
            "zoo.export('m', to='tfjs', with_extractor=True, with_frontend=True)",
        ),
        ("zoo publish a b --to site", "zoo.publish('a', 'b', to='site')"),
    ],
)
def test_a_command_becomes_the_call_that_does_the_same(hint: str, python: str) -> None:
    assert in_python(hint) == python
    if ": zoo." in f": {python}":
        call = ast.parse(python.rpartition(": ")[2] if ": " in python else python).body[0]
        assert isinstance(call, ast.Expr) and isinstance(call.value, ast.Call)
        assert isinstance(call.value.func, ast.Attribute)
        named = {str(each.arg): None for each in call.value.keywords}
        signature(getattr(zoo, call.value.func.attr)).bind(*call.value.args, **named)


@pytest.mark.parametrize("option", ["--runtime openvino", "--last-patch repeat"])
def test_options_become_arguments(option: str) -> None:
    name, value = option.removeprefix("--").replace("-", "_").split()
    assert in_python(f"Choose another: {option}") == f"Choose another: {name}='{value}'"


@pytest.mark.parametrize(
    "hint", ["Read it again: zoo catalog update lab", "zoo pull it's", "export ZOO_HOME=…"]
)
def test_what_has_no_call_stays_a_command(hint: str) -> None:
    assert in_python(hint) == hint


def test_an_error_speaks_python_to_who_prints_it_and_keeps_its_command() -> None:
    error = NotFoundError("m is not installed.", hint="zoo pull m")
    assert str(error) == "m is not installed.\nzoo.pull('m')"
    assert error.hint == "zoo pull m"
