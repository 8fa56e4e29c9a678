"""clinic and staff: the operator's way to set up what the first run does not."""

from typing import Annotated

import typer
from uuid_utils.compat import uuid7

from app.commands.running import operator, read_password, running
from app.domain.people import Clinic, Role, Staff
from app.services import clinics
from app.services import staff as staff_service
from app.services.passwords import check_password, hash_now
from app.services.usernames import check_username

clinic = typer.Typer(help="Clinics of this installation.", no_args_is_help=True)
staff = typer.Typer(help="Accounts.", no_args_is_help=True)


@clinic.command("create")
def create_clinic(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    timezone: Annotated[str, typer.Option(help="IANA name, for display only.")] = "UTC",
) -> None:
    """Create a clinic. The shipped example protocols come with it, unapproved."""
    clinics.check_clinic(name, timezone)
    with running(create=True) as run:
        made = Clinic(uuid7(), name, timezone)
        run.write(clinics.create, operator(made.id), made)
    typer.echo(f'Clinic "{name}" created: {made.id}')


@clinic.command("list")
def list_clinics() -> None:
    """List the clinics."""
    with running() as run:
        for each in run.clinics():
            typer.echo(f"{each.id}  {each.timezone}  {each.name}")


@staff.command("add")
def add_staff(
    clinic_name: Annotated[str, typer.Option("--clinic", help="Name of the clinic.")],
    role: Annotated[Role, typer.Option(help="What this person may do.")],
    username: Annotated[str, typer.Option(help="Unique in the installation.")],
    name: Annotated[str | None, typer.Option(help="As it stands under what they type; else the username.")] = None,
) -> None:
    """Add an account. The password is read from standard input, one line; at a terminal it is asked for."""
    check_username(username)
    with running() as run:
        home = run.clinic(clinic_name)
        password = read_password()
        check_password(password, username=username, clinic=home.name)
        hashed = hash_now(password)
        person = Staff(username, name or username, role)
        run.write(staff_service.add, operator(home.id), uuid7(), person, hashed)
    typer.echo(f'{role.value.capitalize()} "{username}" added to "{home.name}".')
