"""An environment with the wheel in it, as a user has it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path


class Environment:
    """A scratch environment that sees this one's dependencies, but not this checkout."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.bin = folder / "bin"
        self.site = next(folder.glob("lib/python*/site-packages"))
        (self.site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])

    def install(self, *packages: str | Path) -> None:
        """Install without dependencies."""
        command = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install"]
        options = ["--no-deps", "--no-build-isolation", "--quiet"]
        subprocess.run([*command, *options, *packages], check=True, capture_output=True)

    def script(self, name: str, code: str) -> None:
        """Add a program, as pip does for a dependency that brings one."""
        path = self.bin / name
        path.write_text(f"#!{self.bin / 'python'}\n{code}\n")
        path.chmod(0o755)

    def variables(self, **own: str) -> Mapping[str, str]:
        """The variables of a shell in which the environment is active."""
        outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**outside, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}", **own}

    def run(self, program: str, *arguments: str, cwd: Path) -> str:
        """What a program of the environment prints; it must not fail."""
        places = {"ZOO_HOME": "home", "ZOO_CATALOG": "records", "ZOO_MIRROR": "."}
        env = self.variables(**{name: str(cwd / place) for name, place in places.items()})
        done = subprocess.run(
            [str(self.bin / program), *arguments], cwd=cwd, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
