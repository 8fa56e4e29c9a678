"""Where the repository is, and which of its files are ours (not made by a tool or by a running service)."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

MADE = {"__pycache__", "node_modules", "build", "dist", "htmlcov", "mutants", "var"}
"""Folders made by tools or by the service, as .gitignore lists them (the hidden ones apart)."""

HIDDEN_OF_OURS = {".ci", ".github"}


def files(root: Path = ROOT) -> Iterator[Path]:
    """Give every file that is ours, in a stable order. Works without git, so also in an unpacked archive."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in MADE
            and not name.endswith(".egg-info")
            and (not name.startswith(".") or name in HIDDEN_OF_OURS)
        )
        for name in sorted(names):
            if not name.startswith((".coverage", ".env")) and name != ".git":
                yield Path(folder, name)


def text_of(path: Path) -> str | None:
    """Return the file's text; None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
