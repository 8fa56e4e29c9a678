"""Tampering, by seeded chance: whatever somebody changes in a database or a pack is found, and named as what it was.

`python -m tests.tampering --records 10000 --packs 10000` runs as many; a small share of them runs with the tests.
"""
