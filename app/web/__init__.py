"""The tablet app and the verifier: their sources, how they are built, and where they lie when they are."""

from pathlib import Path

DIST = Path(__file__).parent / "dist"
"""What `python -m app.web.build` makes, and the service serves."""
VERIFIER = "verify.html"
"""The page in it that checks a session pack by itself: one file, to be taken along."""
