"""`python -m tests.verifier [CASES] [FIRST_SEED]`: both sets of rules over so many random sessions."""

import sys
import tempfile
from pathlib import Path

from tests.verifier.cases import lines
from tests.verifier.program import asked, build_library


def main() -> int:
    """How many were compared, and each that differs."""
    given = [int(word) for word in sys.argv[1:3]]
    count, first = (given + [100_000, 0][len(given) :])[:2]
    with tempfile.TemporaryDirectory() as folder:
        library = build_library(Path(folder))
        differ = 0
        for number, answer in enumerate(asked(library, "cases", lines(range(first, first + count))), 1):
            if answer.get("failed") or answer["found"]:
                differ += 1
                print(answer, flush=True)
            if number % 10_000 == 0:
                print(f"{number} compared, {differ} differ", flush=True)
    print(f"{count} compared, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
