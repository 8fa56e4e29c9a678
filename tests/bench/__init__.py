"""The benchmark: every row of the first table of docs/performance.md, measured beside references of the same run.

`make bench` runs `python -m tests.bench`. Work is counted in processor time of whole process trees, as the operating
system has it: on a shared machine that moves by a few per cent where rates move by a third. Only ratios are judged.
"""
