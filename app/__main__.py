"""The command line: `infusion-vitals`, also `python -m app`."""


def main() -> None:
    """Run the command given; ends the process with its exit code. Ctrl-C is quiet, even this early."""
    try:
        from app.commands import run  # noqa: PLC0415  # loading the program takes a moment
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    raise SystemExit(run())


if __name__ == "__main__":
    main()
