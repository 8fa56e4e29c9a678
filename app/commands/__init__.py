"""What the operator types: one group of commands a file. A failure is one clear line and a non-zero exit."""

import sys
from typing import Annotated

import typer

from app import __version__
from app.commands import (
    audits,
    exports,
    hl7,
    imports,
    machines,
    packs,
    people,
    protocols,
    rebuilding,
    replays,
    restoring,
    running,
    serving,
    webhooks,
)
from app.db.refusals import UnsafeDatabase
from app.domain.errors import Refusal
from app.settings import UnsafeSetting

cli = typer.Typer(
    name="infusion-vitals",
    help="The session log of a ketamine clinic. Settings come from the environment: DATABASE_URL, PORT and others.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serving.add_to(cli)
cli.add_typer(people.clinic, name="clinic")
cli.add_typer(people.staff, name="staff")
cli.add_typer(machines.cli, name="client")
cli.add_typer(protocols.cli, name="protocol")
protocols.cli.command("replay")(replays.replay)
cli.add_typer(audits.cli, name="audit")
cli.add_typer(webhooks.cli, name="webhook")
cli.add_typer(exports.cli, name="export")
cli.add_typer(imports.cli, name="import")
cli.add_typer(hl7.cli, name="hl7")
cli.command("assess")(replays.assess)
cli.command("restored")(restoring.restored)
cli.command("rebuild")(rebuilding.rebuild)
cli.command("pack")(packs.pack)
cli.command("verify")(packs.verify)


def _show_version(asked: bool) -> None:
    if asked:
        print(f"infusion-vitals {__version__}")
        raise typer.Exit


@cli.callback()
def _options(
    version: Annotated[  # acts by its callback
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Nothing to do before a command."""


def run(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code. Whatever is refused ends in one sentence on standard error."""
    try:
        cli(args=arguments, prog_name="infusion-vitals", standalone_mode=True)
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except Refusal as refusal:
        running.complain(running.sentence(refusal))
    except (running.Stop, UnsafeDatabase, UnsafeSetting) as problem:
        running.complain(str(problem))
    except BrokenPipeError:
        # whoever read our output has seen enough
        sys.stderr.close()
    except OSError as error:
        running.complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return 1
