"""The wheel beside packages and files whose names are those of the repository's folders."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from catalog.download.address import OFFICIAL
from tests.support import ROOT, lab
from tests.support.environment import Environment

pytestmark = pytest.mark.install

ROOMS = ("catalog", "convert", "freeze", "predictors", "training", "validate")

CALLS = """
import numpy, zoo

sound = numpy.zeros(48000, numpy.float32)

def freeze():
    try:
        zoo.freeze("no-checkpoint", "frozen.pb")
    except zoo.NotFoundError:
        pass

calls = {
    "export": lambda: zoo.export("tiny.pb", "tfjs", "exported"),
    "freeze": freeze,
    "info": lambda: zoo.info("tiny"),
    "inspect": lambda: zoo.inspect("tiny.pb"),
    "load": lambda: zoo.load("tiny.pb").predict(sound, 16000),
    "load_many": lambda: zoo.load_many(["tiny.pb"]).predict(sound, 16000),
    "models": lambda: zoo.models("tiny"),
    "publish": lambda: zoo.publish("tiny.json", to="site", plain=True),
    "pull": lambda: zoo.pull("tiny"),
    "search": lambda: zoo.search("loudness"),
    "train": lambda: zoo.train("sounds", "my-1.pb", on="tiny.pb", learner="linear", folds=2),
    "validate": lambda: zoo.validate("tiny.pb"),
}
public = {name for name in zoo.__all__ if not isinstance(getattr(zoo, name), type)}
assert set(calls) == public, f"call each of {public}"
if __name__ == "__main__":  # what trains for long begins processes, which import the script
    for call in [*calls.values(), *calls.values()]:
        call()
    print(zoo.__file__, *dir(zoo))
"""
"""Each public function twice: the first call imports modules, which may take a function's name."""


@pytest.fixture(scope="module")
def configobj(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The wheel of a package that installs a top-level ``validate``."""
    folder = tmp_path_factory.mktemp("configobj")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "configobj==5.0.9"]
    if subprocess.run([*command, "--dest", str(folder)], capture_output=True).returncode:
        pytest.skip("configobj cannot be downloaded here")
    return str(next(folder.iterdir()))


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment")


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Environment:
    """An environment with nothing but zoo in it, for who does not change it."""
    environment = Environment(tmp_path_factory.mktemp("installation") / "environment")
    environment.install(wheel)
    return environment


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder to work in, with a model, and a catalog that has it."""
    folder = tmp_path / "work"
    (folder / "records").mkdir(parents=True)
    tiny = lab.Network(folder, shape=(1, 187, 96))
    lab.sounds(folder / "sounds")
    content = tiny.path.read_bytes()
    file = {"kind": "pb", "urls": [f"{OFFICIAL}/tiny.pb"], "size": len(content)}
    file["sha256"] = hashlib.sha256(content).hexdigest()
    about = {"id": "tiny", "kind": "end-to-end", "license": "ISC", "files": [file]}
    record = {**tiny.record, "description": "Loudness.", "framework": "numpy", "zoo": about}
    for path in (folder / "tiny.json", folder / "records" / "tiny.json"):
        path.write_text(json.dumps(record))
    return folder


def test_every_command_and_function_is_there(installation: Environment, work: Path) -> None:
    assert str(installation.site) in installation.run("python", "-c", CALLS, cwd=work)
    assert "Find and install models" in installation.run("zoo", "--help", cwd=work)
    assert "msd-musicnn-1" in installation.run("zoo", "ls", cwd=work)


def test_configobj_and_zoo_do_not_touch_each_other(
    environment: Environment, wheel: Path, configobj: str, work: Path
) -> None:
    ours, theirs = (set(ZipFile(each).namelist()) for each in (wheel, configobj))
    assert any(name.startswith("validate/") for name in theirs)
    assert not ours & theirs, "who is installed last would win"
    environment.install(wheel, configobj)
    environment.run("python", "-c", CALLS, cwd=work)
    environment.run("python", "-c", "from validate import Validator", cwd=work)
    environment.run("zoo", "validate", "tiny.pb", cwd=work)


def test_files_of_the_user_hide_nothing(installation: Environment, work: Path) -> None:
    """And zoo is imported in a Django project with an app called catalog."""
    for room in ROOMS[1:]:
        (work / f"{room}.py").write_text(f"raise SystemExit('{room}.py of the user')")
    app = work / "catalog"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "models.py").write_text("import zoo\nfrom zoo import load\n")
    (work / "manage.py").write_text(f"import catalog.models\n{CALLS}\nprint(catalog.__file__)")
    assert str(app / "__init__.py") in installation.run("python", "manage.py", cwd=work)
    installation.run("zoo", "validate", "tiny.pb", cwd=work)


def test_an_editable_installation_has_the_folders_of_the_repository(
    environment: Environment, work: Path
) -> None:
    environment.install("--editable", ROOT)
    said = environment.run("python", "-c", f"{CALLS}\nimport catalog; print(catalog)", cwd=work)
    assert str(ROOT / "zoo" / "__init__.py") in said
    assert str(ROOT / "catalog" / "__init__.py") in said
