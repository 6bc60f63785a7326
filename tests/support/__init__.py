"""What tests share: signals, networks, writers of files, a server that misbehaves, browsers."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
REFERENCE = Path(__file__).with_name("reference.npz")
