"""Let the tests try an installed wheel: import its modules by the names of the repository.

Run as a program, it puts itself into the environment of the Python that runs it, where every
process then starts with it: `catalog.store` is `zoo._internal.catalog.store`, one module of two
names, and `zoo` is the installed one wherever the tests are run.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

SITE = sysconfig.get_path("purelib")
ROOMS = {path.name for path in Path(SITE, "zoo", "_internal").glob("[a-z]*")}


class MovedRooms(MetaPathFinder, Loader):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name == "zoo":
            return PathFinder.find_spec(name, [SITE])
        return spec_from_loader(name, self) if name.partition(".")[0] in ROOMS else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(f"zoo._internal.{spec.name}")
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__
        module.__spec__ = module.__spec__.loader_state  # it is executed; only its name is new


if __name__ == "__main__":
    Path(SITE, "moved_rooms.py").write_text(Path(__file__).read_text())
    Path(SITE, "moved_rooms.pth").write_text("import moved_rooms\n")
else:
    sys.meta_path.insert(0, MovedRooms())
