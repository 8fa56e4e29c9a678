"""`python -m tests.evidence --clinics 1000`: how often the intervals hold what is true of simulated clinics."""

import argparse

from tests.evidence.coverage import measure


def main() -> None:
    """Prints what it finds."""
    parser = argparse.ArgumentParser(prog="python -m tests.evidence", description=__doc__)
    parser.add_argument("--clinics", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("\n".join(measure(options.clinics, options.seed).lines()))


if __name__ == "__main__":
    main()
