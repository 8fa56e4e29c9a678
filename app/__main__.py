"""The command line: `infusion-vitals`, also `python -m app`."""

import gc


def main() -> None:
    """Run the command given; ends the process with its exit code. Ctrl-C is quiet, even this early."""
    # what is loaded stays: to look through it for garbage after every 700 objects is a tenth of the start
    gc.set_threshold(50_000, 10, 10)
    try:
        from app.commands import run  # noqa: PLC0415  # loading the program takes a moment
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(run())


if __name__ == "__main__":
    main()
