"""Changes the domain a little, many times, and lists the changes that neither the tests nor the oracle noticed.

`python -m tests.mutation` runs it all and writes docs/mutation.md; `--help` says how to run less of it.
"""
