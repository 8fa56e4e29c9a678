"""The verifier as a program, built once a worker."""

from tests.verifier.program import library

__all__ = ["library"]
