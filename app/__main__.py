"""The command line: `infusion-vitals`, also `python -m app`."""

from app.commands import run


def main() -> None:
    """Run the command given; ends the process with its exit code."""
    raise SystemExit(run())


if __name__ == "__main__":
    main()
