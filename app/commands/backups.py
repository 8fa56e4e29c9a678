"""backup, restore: copies of the database that were proven by bringing them back."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.commands import ending
from app.commands.running import Stop
from app.exchange import backup_file
from app.exchange.backup_file import Identity, Recipient
from app.services import audit
from app.settings import Settings, read_settings


class _Backing(TyperGroup):
    """`backup TO` is `backup make TO`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["make", *args]
        return super().parse_args(ctx, args)


_cli = typer.Typer(
    cls=_Backing,
    no_args_is_help=True,
    help="A copy of the whole database, taken while it is written to, encrypted, and proven. `backup TO` makes one.",
)


def add_to(cli: typer.Typer) -> None:
    """Put `backup` and `restore` among the commands."""
    cli.add_typer(_cli, name="backup")
    cli.command("restore")(restore)


KeyFile = Annotated[
    Path | None,
    typer.Option("--identity", metavar="FILE", help="The key that opens it; else BACKUP_IDENTITY_FILE."),
]
Anchored = Annotated[
    Path | None, typer.Option("--anchor", metavar="FILE", help="Anchors kept elsewhere: see `audit anchor`.")
]


@_cli.command("make")
def make(
    to: Annotated[Path, typer.Argument(metavar="TO", help="A new file.")],
    recipients: Annotated[
        list[str] | None,
        typer.Option("--for", metavar="KEY", help="Whose key opens it: age1..., or a line of SSH. May be repeated."),
    ] = None,
    unencrypted: Annotated[
        bool, typer.Option("--unencrypted", help="Anybody who gets the file can read every patient's record.")
    ] = False,
) -> None:
    """Make a backup at TO: encrypted to your key, brought back into a scratch place and checked before it is there."""
    from app.commands.backing_up import back_up  # noqa: PLC0415  # `--help` starts without the database

    settings = read_settings()
    proven, digest = back_up(_ended_gently(settings), to, _recipients(settings, recipients, unencrypted=unencrypted))
    typer.echo(f"{to}: {proven}.")
    typer.echo(f"SHA-256 {digest}")
    if unencrypted:
        typer.echo("It is NOT encrypted: whoever gets this file can read every patient's record.")
    typer.echo("A key that secrets are sealed with (SECRETS_KEY_FILE) is not in it: keep that apart.")


@_cli.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE")], identity: KeyFile = None, anchor: Anchored = None
) -> None:
    """Bring FILE back into a scratch place and check counts, every chain, and what was made from the journal."""
    from app.commands.backing_up import check_backup  # noqa: PLC0415  # as above

    settings = read_settings()
    proven = check_backup(_ended_gently(settings), file, _identities(settings, identity), _anchors(anchor))
    typer.echo(f"{file}: {proven}.")


@_cli.command("key")
def key(file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the secret half.")]) -> None:
    """Make a key pair: the public half is printed, the secret half, which opens backups, goes into FILE."""
    identity = backup_file.new_identity()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Stop(f"{file} is there already, and nothing is written over: choose another name") from None
    with os.fdopen(descriptor, "w") as out:
        out.write(backup_file.identity_file(identity))
        out.flush()
        os.fsync(out.fileno())
    typer.echo(str(identity.to_public()))
    typer.echo(
        f"Take {file} away from this machine, and keep two copies: without it no backup can be opened.", err=True
    )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE")], identity: KeyFile = None, anchor: Anchored = None
) -> None:
    """Bring FILE back into the empty place that DATABASE_URL names, check it there, and begin a new epoch."""
    from app.commands.backing_up import bring_back  # noqa: PLC0415  # as above

    settings = read_settings()
    proven = bring_back(_ended_gently(settings), file, _identities(settings, identity), _anchors(anchor))
    typer.echo(f"Brought back {proven}.")
    typer.echo("Whoever follows the feed will be told to begin from its start.")
    typer.echo(
        "What was kept after that instant is not here: what staff, tablets, machines and passwords became since,"
    )
    typer.echo("too. Look through the clinic's staff, and put SECRETS_KEY_FILE back where it was.")


def _ended_gently(settings: Settings) -> Settings:
    """Asked to end, it clears away what it made: patients' data."""
    ending.heed()
    return settings


def _recipients(settings: Settings, given: list[str] | None, *, unencrypted: bool) -> list[Recipient]:
    texts = given or [text.strip() for text in settings.backup_recipients.split(",") if text.strip()]
    if unencrypted and given:
        raise Stop("--unencrypted and --for contradict each other: choose one")
    if unencrypted:
        return []
    if not texts:
        raise Stop(
            "a backup holds every patient's record: say whose key opens it by --for or BACKUP_RECIPIENTS (`backup key`"
            " makes one), or say --unencrypted"
        )
    return [backup_file.recipient(text) for text in texts]


def _identities(settings: Settings, given: Path | None) -> list[Identity]:
    file = given or settings.backup_identity_file
    return [] if file is None else backup_file.identities(file.read_bytes())


def _anchors(file: Path | None) -> Any:
    return audit.read_anchors(file.read_text(encoding="utf-8").splitlines()) if file else {}
