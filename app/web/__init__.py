"""The tablet app: its source, how it is built, and where it lies when it is."""

from pathlib import Path

DIST = Path(__file__).parent / "dist"
"""What `python -m app.web.build` makes, and the service serves."""
