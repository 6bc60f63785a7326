"""Hints hold the command to run next; here they become the call for Python users."""

from __future__ import annotations

import re
import shlex

_COMMAND = re.compile(r"(?:^|(?<=: ))(?:zoo [a-z]|--[a-z]).*$")
_FUNCTIONS = {
    "ls": "models",
    **{word: word for word in ("search", "info", "pull", "inspect", "validate", "freeze")},
    **{word: word for word in ("export", "publish")},
}
_OPTIONS = {
    "-o": "output",
    "--output": "output",
    "--to": "to",
    "--mirror": "mirror",
    "--catalog": "catalog",
    "--quantize": "quantize",
    "--runtime": "runtime",
    "--last-patch": "last_patch",
    "--architecture": "architecture",
    "--checkpoint": "checkpoint",
}
"""Those that take a value; all others are true or false."""
_LISTS = {
    "--layers": "layers",
    "--node": "nodes",
    "--input": "inputs",
    "--training-flag": "training_flags",
}
_SHOWN = ("--json", "--layers")
"""What commands without lists of layers take to show more or less."""


def in_python(hint: str) -> str:
    """Write the command, or the options, at the end of a hint as Python.

    Commands without a function stay as they are, for a shell.

    Examples
    --------
    >>> in_python("See them all: zoo ls 'mood*'")
    "See them all: zoo.models('mood*')"
    >>> in_python("zoo export tiny.pb --to onnx --layers logits,NODE --with-frontend")
    "zoo.export('tiny.pb', to='onnx', layers=['logits', 'NODE'], with_frontend=True)"
    >>> in_python("Choose another: --runtime openvino")
    "Choose another: runtime='openvino'"
    """
    found = _COMMAND.search(hint)
    if not found:
        return hint
    try:
        words = shlex.split(found[0])
    except ValueError:  # a name with a single quotation mark
        return hint
    verb = words[1] if words[0] == "zoo" else ""
    if verb and verb not in _FUNCTIONS:
        return hint
    arguments = ", ".join(_arguments(verb, words[2:] if verb else words))
    call = f"zoo.{_FUNCTIONS[verb]}({arguments})" if verb else arguments
    return hint[: found.start()] + call


def _arguments(verb: str, words: list[str]) -> list[str]:
    """The arguments of a call, those without a name first."""
    places, named = [], {}
    rest = iter(words)
    for word in rest:
        option = word.removeprefix("--").replace("-", "_")
        if verb in ("info", "inspect") and word in _SHOWN:
            continue
        if word in _LISTS:
            named[_LISTS[word]] = repr(next(rest, "").split(","))
        elif word in _OPTIONS:
            named[_OPTIONS[word]] = repr(next(rest, ""))
        elif word.startswith("--"):
            named[option] = "True"
        else:
            places.append(repr(word))
    return [*places, *(f"{name}={value}" for name, value in named.items())]
