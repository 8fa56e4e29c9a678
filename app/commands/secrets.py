"""secrets: the keys that seal secrets at rest: a new one, another in place of the one before, and whether all opens."""

import contextlib
from collections.abc import Set as AbstractSet
from typing import Annotated

import typer

from app.commands.running import Running, Stop, operator, running
from app.db import sealing
from app.db.keys import MAKES, KeyPlace, Keys, new_key, written
from app.db.work import EVERY_CLINIC, NO_CLINIC
from app.services import sealed_secrets
from app.settings import read_settings

_cli = typer.Typer(help="The keys that seal secrets at rest, and whether every secret opens.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `secrets` among the commands."""
    cli.add_typer(_cli, name="secrets")


@_cli.command("new")
def new() -> None:
    """Print a new key, numbered after those there are: for a file that only the service can read, or SECRETS_KEY."""
    known: dict[int, bytes] = {}
    place = read_settings().keys()
    if place.text is not None or (place.path is not None and place.path.exists()):
        known = place.keys()
    typer.echo(written({max(known, default=0) + 1: new_key()}), nl=False)


@_cli.command("check")
def check() -> None:
    """Open every sealed secret; name those that do not open, and the keys that are needed."""
    with running() as run:
        found = run.database.read_now(sealed_secrets.each, EVERY_CLINIC, run.now())
        keys, place = run.database.keys.numbers, run.database.keys.place
    needed = {one.number for one in found if one.number is not None}
    typer.echo(f"Keys in {place}: {_list(keys)}. In use: {_list(needed)}. Secrets: {len(found)}.")
    wrong = [one.place for one in found if not one.opens]
    for one in wrong:
        typer.echo(f"does not open: {one}")
    if wrong:
        raise Stop(f"{len(wrong)} of {len(found)} secrets do not open: they were changed, moved, or sealed elsewhere")
    typer.echo("Every secret opens.")


@_cli.command("give-up")
def give_up(
    yes: Annotated[bool, typer.Option("--yes", help="The key is gone for good: go on without what it sealed.")] = False,
) -> None:
    """Give up every secret that no key opens, where a key is lost for good: the service starts again with another.

    Six digits are added anew by their owners, once vouched for; webhooks are paused until they have another secret;
    what lay unsent on a tablet that was locked stays shut. The record itself is not touched.
    """
    if not yes:
        raise Stop("this cannot be undone: look for the key where it was kept; if it is gone for good, say --yes")
    place = read_settings().keys()
    try:
        found = place.keys()
    except FileNotFoundError:
        found = place.make()
    keys = Keys(place, found)
    with running(with_secrets=False) as run:
        if not run.database.read_now(sealing.is_of, NO_CLINIC, run.now(), keys):
            run.write(sealing.begin_anew, NO_CLINIC, keys)
        for clinic in run.clinics():
            gone = run.write(sealed_secrets.give_up, operator(clinic.id), keys)
            said = ", ".join(f"{name}: {number}" for name, number in gone.items()) or "nothing"
            typer.echo(f"{clinic.name}: given up: {said}.")


@_cli.command("rotate")
def rotate() -> None:
    """Seal every secret with a new key, and drop the keys before it once nothing needs them.

    Interrupted at any instant, it is run again and goes on. A service that runs meanwhile goes on, too.
    """
    place = read_settings().keys()
    try:
        place.keys()
    except FileNotFoundError:
        # it is made where nothing was ever sealed; else that is refused here
        with running():
            pass
    if place.path is None:
        _seal_again(place)
        return
    with place.held():
        keys = place.keys()
        if len(keys) == 1:
            # with two it was interrupted after this step, or the newer one was put there by hand
            place.write({**keys, max(keys) + 1: new_key()})
        _seal_again(place)


def _seal_again(place: KeyPlace) -> None:
    """Seals everything with the newest key, and drops those that nothing needs any more."""
    with running() as run:
        newest, there = run.database.keys.newest, run.database.keys.numbers
        if len(there) == 1:
            raise Stop(f"put a newer key into {place}, before the one that is there: {MAKES}")
        run.write(sealing.begin_newest, NO_CLINIC)
        for column in sealing.sealed_columns():
            _column_again(run, column)
        for clinic in run.clinics():
            run.write(sealed_secrets.record_rotation, operator(clinic.id), newest)
        needed = run.database.read_now(sealing.needed, EVERY_CLINIC, run.now())
    if needed != {newest}:
        raise Stop(f"secrets that do not open still need key {_list(needed - {newest})}: see `secrets check`")
    typer.echo(f"Every secret is sealed with key {newest}.")
    if place.path is not None:
        with contextlib.suppress(OSError):
            place.write({newest: place.keys()[newest]})
            return
    typer.echo(f"Nothing needs key {_list(there - {newest})} any more: take it out of {place}.")


def _column_again(run: Running, column: sealing.SealedColumn) -> None:
    after = run.write(sealing.seal_again, EVERY_CLINIC, column, None)
    while after is not None:
        after = run.write(sealing.seal_again, EVERY_CLINIC, column, after)


def _list(numbers: AbstractSet[int]) -> str:
    return ", ".join(map(str, sorted(numbers))) or "none"
