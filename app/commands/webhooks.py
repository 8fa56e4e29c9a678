"""webhook: where the changes of a clinic's record are sent. None is sent anywhere until a target is registered."""

import secrets
from typing import Annotated
from uuid import UUID

import typer
from uuid_utils.compat import uuid7

from app.commands.running import Running, Stop, operator, running
from app.domain.instants import to_text
from app.domain.people import Actor
from app.domain.webhooks import Webhook, WebhookState
from app.exchange.webhooks import SECRET_BYTES, new_secret
from app.services import webhooks

_cli = typer.Typer(help="Where the changes of a clinic's record are sent.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `webhook` among the commands."""
    cli.add_typer(_cli, name="webhook")


Home = Annotated[str, typer.Option("--clinic", help="Name of the clinic.")]
Which = Annotated[UUID, typer.Argument(metavar="ID", help="As `webhook list` shows it.")]
PAGE = 200


def _secret() -> str:
    return new_secret(secrets.token_bytes(SECRET_BYTES))


def _of(run: Running, clinic: str) -> Actor:
    return operator(run.clinic(clinic).id)


@_cli.command("add")
def add(
    clinic: Home,
    url: Annotated[str, typer.Option(help="https://..., without user name or password.")],
    kinds: Annotated[str | None, typer.Option(help="Only these kinds of events, with commas between.")] = None,
    with_values: Annotated[
        bool, typer.Option("--with-values", help="Send what was recorded too, not ids alone: patient data leaves.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Addresses of this machine and its own network too.")
    ] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Everything since the clinic began, not only what comes.")
    ] = False,
) -> None:
    """Register a target. Prints the secret that signs its deliveries: it is shown this once."""
    with running() as run:
        actor = _of(run, clinic)
        webhook = Webhook(
            id=uuid7(),
            clinic_id=actor.clinic_id,
            url=url,
            kinds=None if kinds is None else frozenset(kind.strip() for kind in kinds.split(",")),
            with_values=with_values,
            allow_private=allow_private,
            secret=_secret(),
            old_secret=None,
            old_until=None,
            paused=None,
            added_at=run.clock.wall(),
        )
        run.write(webhooks.add, actor, webhook, from_start=from_start)
    typer.echo(f"Webhook {webhook.id} added. Its signing secret, shown this once:")
    typer.echo(f"  {webhook.secret}")


@_cli.command("list")
def show(clinic: Annotated[str | None, typer.Option("--clinic", help="Name of one clinic; else all.")] = None) -> None:
    """List the targets and how their deliveries stand."""
    with running() as run:
        for home in run.chosen(clinic):
            for state in run.database.read_now(webhooks.states, operator(home.id), run.now()):
                typer.echo(f"{_line(state)}  {home.name}")


def _line(state: WebhookState) -> str:
    webhook = state.webhook
    parts = [
        str(webhook.id),
        webhook.url,
        "all kinds" if webhook.kinds is None else ",".join(sorted(webhook.kinds)),
        *(["with values"] if webhook.with_values else []),
        f"{state.waiting} waiting, {state.dead} dead",
        *([f"last failure: {state.last_failure}"] if state.last_failure else []),
        *([f"paused: {webhook.paused}"] if webhook.paused else []),
    ]
    return "  ".join(parts)


@_cli.command("remove")
def remove(webhook: Which, clinic: Home) -> None:
    """Forget a target, its secret, and all that waits for it."""
    with running() as run:
        run.write(webhooks.remove, _of(run, clinic), webhook)
    typer.echo(f"Webhook {webhook} removed.")


@_cli.command("rotate")
def rotate(webhook: Which, clinic: Home) -> None:
    """Make a new secret. For a day deliveries carry two signatures: one by it, one by the secret before."""
    fresh = _secret()
    with running() as run:
        run.write(webhooks.rotate, _of(run, clinic), webhook, fresh, run.clock.wall())
    typer.echo(f"The new signing secret of webhook {webhook}, shown this once:")
    typer.echo(f"  {fresh}")


@_cli.command("pause")
def pause(webhook: Which, clinic: Home) -> None:
    """Send nothing for now; what happens meanwhile waits."""
    with running() as run:
        run.write(webhooks.pause, _of(run, clinic), webhook, "by the operator")
    typer.echo(f"Webhook {webhook} paused.")


@_cli.command("resume")
def resume(webhook: Which, clinic: Home) -> None:
    """Send again, at once, all that waits."""
    with running() as run:
        run.write(webhooks.resume, _of(run, clinic), webhook, run.clock.wall())
    typer.echo(f"Webhook {webhook} resumed.")


@_cli.command("dead")
def dead(webhook: Which, clinic: Home) -> None:
    """List the deliveries that were given up: place in the feed, kind, session, tries, last answer."""
    with running() as run:
        actor = _of(run, clinic)
        after: int | None = 0
        while after is not None:
            letters = run.database.read_now(webhooks.letters, actor, run.now(), webhook, after, PAGE)
            after = letters[-1].position if len(letters) == PAGE else None
            for one in letters:
                session = f"session {one.session_id}" if one.session_id else "no session"
                since = to_text(one.waiting_since)
                typer.echo(f"{one.position}  {one.kind}  {session}  since {since}  {one.tries} tries: {one.outcome}")


@_cli.command("resend")
def resend(
    webhook: Which,
    clinic: Home,
    position: Annotated[
        int | None, typer.Option(min=1, max=10**15, help="One of them, as `webhook dead` shows it; else all.")
    ] = None,
) -> None:
    """Try deliveries that were given up again, at once."""
    with running() as run:
        actor, wall = _of(run, clinic), run.clock.wall()
        if position is None:
            count = run.write(webhooks.resend_all, actor, webhook, wall)
        else:
            run.write(webhooks.resend, actor, webhook, position, wall)
            count = 1
    if not count:
        raise Stop("no delivery to this webhook was given up")
    typer.echo(f"{count} to be sent again.")
