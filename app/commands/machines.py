"""client: machines that may read what is made for machines."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from uuid_utils.compat import uuid7

from app.commands.running import Running, Stop, operator, running
from app.db.clients import Client, FoundClient
from app.db.work import EVERY_CLINIC, NIL
from app.domain.scopes import registered, spell
from app.exchange.jose import LONGEST_SET
from app.services import clients

_cli = typer.Typer(help="Machines that may sign in (SMART Backend Services).", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `client` among the commands."""
    cli.add_typer(_cli, name="client")


KeyFile = Annotated[Path | None, typer.Option("--jwks", help="A file with its set of public keys.", metavar="FILE")]
KeyAddress = Annotated[str | None, typer.Option("--jwks-url", help="Where its set of public keys is fetched (https).")]
Private = Annotated[
    bool, typer.Option("--private-network", help="The address may be one of our own network, or this machine.")
]
ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID")]


@_cli.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What it is called in the audit.")],
    scopes: Annotated[str, typer.Option(help='What it may read, such as "system/Observation.rs system/Patient.r".')],
    jwks: KeyFile = None,
    jwks_url: KeyAddress = None,
    clinic: Annotated[str | None, typer.Option(help="Name of the one clinic it may read.")] = None,
    all_clinics: Annotated[
        bool, typer.Option("--all-clinics", help="It may read every clinic, one in each token.")
    ] = False,
    private_network: Private = False,
) -> None:
    """Register a machine; its client id is printed."""
    if all_clinics == (clinic is not None):
        raise Stop("say which clinic it may read: --clinic NAME, or --all-clinics")
    value = Client(name, registered(scopes), _read(jwks), jwks_url, private_network)
    clients.check_client(value)
    with running() as run:
        home = run.clinic(clinic).id if clinic is not None else NIL
        made = uuid7()
        run.write(clients.register, operator(home), made, value)
    typer.echo(f'"{name}" is registered for {spell(value.scopes)}.')
    typer.echo(f"client id {made}")


@_cli.command("list")
def list_clients() -> None:
    """List the machines, those disabled too."""
    with running() as run:
        for found, clinic in run.database.read_now(clients.all_clients, EVERY_CLINIC, run.now()):
            value = found.client
            where = f'"{clinic}"' if clinic is not None else "all clinics"
            keys = value.keys_url or "a set of keys"
            state = "" if value.active else "  DISABLED"
            typer.echo(f"{found.id}  {value.name}  {where}  {spell(value.scopes)}  {keys}{state}")


@_cli.command("keys")
def change_keys(
    client_id: ClientId, jwks: KeyFile = None, jwks_url: KeyAddress = None, private_network: Private = False
) -> None:
    """Give a machine another set of keys, or another address of one; its tokens open nothing from now on."""
    with running() as run:
        found = _client(run, client_id)
        who = operator(found.home)
        run.write(clients.change_keys, who, found.id, _read(jwks), jwks_url, private=private_network)
    typer.echo(f'"{found.client.name}" has new keys.')


@_cli.command("disable")
def disable(client_id: ClientId) -> None:
    """Let a machine in no more, from this moment, for ever."""
    with running() as run:
        found = _client(run, client_id)
        run.write(clients.disable, operator(found.home), found.id)
    typer.echo(f'"{found.client.name}" is disabled.')


def _client(run: Running, client_id: str) -> FoundClient:
    try:
        wanted = UUID(client_id)
    except ValueError:
        raise clients.NoSuchClient from None
    return run.database.read_now(clients.find, EVERY_CLINIC, run.now(), wanted)


def _read(file: Path | None) -> str | None:
    if file is None:
        return None
    if file.stat().st_size > LONGEST_SET:
        raise Stop(f"{file} is larger than a key set may be")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Stop(f"{file} is not UTF-8 text") from None
