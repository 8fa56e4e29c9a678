"""What the operator types: one group of commands a file. A failure is one clear line and a non-zero exit."""

import sys
from functools import cache
from importlib import import_module
from typing import Annotated

import typer

from app import __version__
from app.commands import running
from app.db.refusals import NoCopy, UnsafeDatabase
from app.domain.errors import Refusal
from app.settings import UnsafeSetting

PARTS = {
    "serve": "serving",
    "worker": "workers",
    "demo": "serving",
    "migrate": "serving",
    "clinic": "people",
    "staff": "people",
    "client": "machines",
    "protocol": "replays",
    "secrets": "secrets",
    "audit": "audits",
    "webhook": "webhooks",
    "export": "exports",
    "import": "imports",
    "hl7": "hl7",
    "assess": "replays",
    "backup": "backups",
    "restore": "backups",
    "restored": "restoring",
    "rebuild": "rebuilding",
    "doctor": "doctor",
    "downtime-sheet": "downtime",
    "pack": "packs",
    "verify": "packs",
}
"""The module of each command, in the order of the help. Its `add_to(cli)` adds the command."""


def _show_version(asked: bool) -> None:
    if asked:
        print(f"infusion-vitals {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[  # acts by its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Nothing to do before a command."""


@cache
def _cli(part: str | None) -> typer.Typer:
    """The command line with the commands of one module, or with all: to load them takes half a second more."""
    cli = typer.Typer(
        name="infusion-vitals",
        help="The session log of a ketamine clinic. Settings come from the environment: DATABASE_URL, PORT and others.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    cli.callback()(_options)
    for each in dict.fromkeys(PARTS.values() if part is None else [part]):
        import_module(f"app.commands.{each}").add_to(cli)
    return cli


def run(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code. Whatever is refused ends in one sentence on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        _cli(PARTS.get(given[0]) if given else None)(args=given, prog_name="infusion-vitals", standalone_mode=True)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except Refusal as refusal:
        running.complain(running.sentence(refusal))
    except (running.Stop, UnsafeDatabase, UnsafeSetting, NoCopy) as problem:
        running.complain(str(problem))
    except BrokenPipeError:
        # whoever read our output has seen enough
        sys.stderr.close()
    except OSError as error:
        running.complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return 1
