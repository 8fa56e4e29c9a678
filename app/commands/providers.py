"""clinic oidc: which OpenID provider vouches for a clinic's people."""

from typing import Annotated

import typer

from app.commands.running import Stop, operator, read_secret, running
from app.domain.providers import Provider
from app.services import providers
from app.settings import read_settings

oidc = typer.Typer(help="The OpenID provider that people of a clinic may sign in with.", no_args_is_help=True)

Clinic = Annotated[str, typer.Option("--clinic", help="Name of the clinic.")]


@oidc.command("set")
def settle(
    clinic: Clinic,
    name: Annotated[str, typer.Option(help="What people call it: it stands on the button.")],
    issuer: Annotated[str, typer.Option(help="Its issuer, exactly as it says it itself (https).")],
    client_id: Annotated[str, typer.Option(help="What it calls this service.")],
    private_network: Annotated[
        bool, typer.Option("--private-network", help="It may be on our own network, or this machine.")
    ] = False,
) -> None:
    """Settle it. The client secret comes on standard input, one line; at a terminal it is asked for."""
    value = Provider(name, issuer, client_id, private_network)
    providers.check_provider(value, None)
    settings = read_settings()
    with running(settings) as run:
        home = run.clinic(clinic)
        run.write(providers.put_at_any_revision, operator(home.id), value, read_secret())
    address = settings.address()
    typer.echo(f'People of "{home.name}" may sign in with "{name}", once they have linked their accounts.')
    back = f"{address}/" if address else "this service's address and a slash: set PUBLIC_URL"
    typer.echo(f"Registered with it as the one redirect address: {back}", err=True)


@oidc.command("show")
def show(clinic: Clinic) -> None:
    """Show it, without the secret."""
    with running() as run:
        home = run.clinic(clinic)
        kept = run.database.read_now(providers.settled, operator(home.id), run.now())
    if kept is None:
        raise Stop(f'"{clinic}" has no provider')
    value = kept.value
    state = "" if value.in_use else "  NOT IN USE"
    where = "  private network" if value.private else ""
    typer.echo(f"{value.name}  {value.issuer}  client id {value.client_id}{where}{state}")


@oidc.command("end")
def end(clinic: Clinic) -> None:
    """Nobody of the clinic signs in with it from now on. Who is signed in stays so; links stay till it is back."""
    with running() as run:
        home = run.clinic(clinic)
        if not run.write(providers.end, operator(home.id)):
            raise Stop(f'nobody of "{home.name}" could sign in with a provider')
    typer.echo(f'Nobody of "{home.name}" signs in with a provider any more.')
