"""Packages with common names: whoever hides or overwrites one of them is named."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from zoo.rooms import ROOMS


class Environment:
    """A scratch environment that sees this one's dependencies, but not this checkout."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        self.site = next(folder.glob("lib/python*/site-packages"))
        (self.site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])

    def install(self, *packages: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "install"]
        subprocess.run(
            [*command, "--no-deps", "--quiet", *packages],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def zoo(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self._run([str(self.python.parent / "zoo"), *arguments], cwd)

    def run(self, code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        return self._run([str(self.python), "-c", code], cwd)

    def _run(self, command: list[str], cwd: Path | None) -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)


@pytest.fixture(scope="module")
def configobj(tmp_path_factory: pytest.TempPathFactory) -> str:
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
    environment.install(str(wheel))
    return environment


def test_a_whole_installation_is_told_so(installation: Environment) -> None:
    done = installation.zoo("doctor")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Everything is in its place." in done.stderr


def test_configobj_installed_after_zoo_is_named(
    environment: Environment, wheel: Path, configobj: str
) -> None:
    environment.install(str(wheel))
    environment.install(configobj)
    overwritten = str(environment.site / "validate" / "__init__.py")
    for arguments in (["ls"], ["doctor"]):
        done = environment.zoo(*arguments)
        assert done.returncode == 5
        assert overwritten in done.stderr
        assert "Traceback" not in done.stderr
    assert "Installed by: configobj" in environment.zoo("doctor").stderr


def test_configobj_installed_before_zoo_is_named_by_doctor(
    environment: Environment, wheel: Path, configobj: str
) -> None:
    environment.install(configobj)
    environment.install(str(wheel))
    assert environment.zoo("--version").returncode == 0
    done = environment.zoo("doctor")
    assert done.returncode == 1
    assert "configobj" in done.stdout
    assert str(environment.site / "validate" / "__init__.py") in done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_in_the_current_folder_that_hides_a_package_is_named(
    room: str, installation: Environment, tmp_path: Path
) -> None:
    hiding = tmp_path / "work" / f"{room}.py"
    hiding.parent.mkdir()
    hiding.write_text("")
    done = installation.run("import zoo", cwd=hiding.parent)
    assert done.returncode == 1
    assert f"It is {hiding}." in done.stderr
    command = installation.run("import sys; sys.argv = ['zoo']; import zoo", cwd=hiding.parent)
    assert command.returncode == 5
    assert str(hiding) in command.stderr
    assert "Traceback" not in command.stderr
