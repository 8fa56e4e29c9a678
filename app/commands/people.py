"""clinic and staff: the operator's way to set up what the first run does not."""

from typing import Annotated

import typer
from uuid_utils.compat import uuid7

from app.commands.providers import oidc
from app.commands.running import Stop, operator, read_password, running
from app.db.work import EVERY_CLINIC
from app.domain.instants import to_text
from app.domain.people import Clinic, Role, Staff
from app.domain.signatures import Signing
from app.services import clinics, invitations, organisations, second_factor
from app.services import staff as staff_service
from app.services.password_choice import check_password
from app.services.passwords import hash_now
from app.services.sign_in import credentials_of, new_token
from app.services.usernames import check_username
from app.settings import read_settings

clinic = typer.Typer(help="Clinics of this installation.", no_args_is_help=True)
clinic.add_typer(oidc, name="oidc")
staff = typer.Typer(help="Accounts.", no_args_is_help=True)


def add_to(cli: typer.Typer) -> None:
    """Put `clinic` and `staff` among the commands."""
    cli.add_typer(clinic, name="clinic")
    cli.add_typer(staff, name="staff")


@clinic.command("create")
def create_clinic(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    timezone: Annotated[str, typer.Option(help="IANA name, for display only.")] = "UTC",
    signing: Annotated[
        Signing, typer.Option(help="What a signature takes: a second factor, or the password alone.")
    ] = Signing.SECOND_FACTOR,
) -> None:
    """Create a clinic. The shipped example protocols come with it, unapproved."""
    clinics.check_clinic(name, timezone)
    with running(create=True) as run:
        made = Clinic(uuid7(), name, timezone)
        run.write(clinics.create, operator(made.id), made, signing)
    typer.echo(f'Clinic "{name}" created: {made.id}')


@clinic.command("organisation")
def name_organisation(
    clinic_name: Annotated[str, typer.Option("--clinic", help="Name of the clinic.")],
    name: Annotated[
        str | None, typer.Argument(help="What the organisation is called, as its other clinics say.")
    ] = None,
    leave: Annotated[bool, typer.Option("--leave", help="It is of no organisation any more.")] = False,
) -> None:
    """Say which organisation a clinic is of, or show which.

    Clinicians and leads of one of its clinics may open a patient of another, one at a time, with a reason.
    """
    if leave and name is not None:
        raise Stop("name an organisation, or say --leave: not both")
    with running() as run:
        who = operator(run.clinic(clinic_name).id)
        if leave or name is not None:
            run.write(organisations.put, who, name)
        own, others = run.database.read_now(organisations.sisters, who, run.now())
    if own is None:
        typer.echo(f'"{clinic_name}" is of no organisation.')
        return
    with_it = ", ".join(f'"{other.name}"' for other in others) or "no other clinic yet"
    typer.echo(f'"{clinic_name}" is of "{own}", with {with_it}.')


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
    keep_password: Annotated[
        bool, typer.Option("--keep-password", help="It need not be changed at the first sign-in. Audited.")
    ] = False,
) -> None:
    """Add an account whose first password comes on standard input, one line; at a terminal it is asked for.

    It has to be changed at the first sign-in, unless --keep-password is said. Better for people: `staff invite`.
    """
    check_username(username)
    with running() as run:
        home = run.clinic(clinic_name)
        password = read_password()
        person = Staff(username, name or username, role)
        check_password(password, person, home)
        hashed = hash_now(password)
        run.write(staff_service.add, operator(home.id), uuid7(), person, hashed, must_change=not keep_password)
    then = "" if keep_password else " The password has to be changed at the first sign-in."
    typer.echo(f'{role.value.capitalize()} "{username}" added to "{home.name}".{then}')


@staff.command("invite")
def invite_staff(
    username: Annotated[str, typer.Argument(help="Whose account it is, new or not.")],
    clinic_name: Annotated[str | None, typer.Option("--clinic", help="Name of the clinic, for a new account.")] = None,
    role: Annotated[Role | None, typer.Option(help="What this person may do, for a new account.")] = None,
    name: Annotated[str | None, typer.Option(help="As it stands under what they type; else the username.")] = None,
) -> None:
    """Print a link, good once and for 24 hours, by which the owner of an account sets its password.

    The password it had, and all that hangs on it, is over at once.
    """
    check_username(username)
    settings = read_settings()
    token = new_token()
    with running(settings) as run:
        found = run.database.read_now(credentials_of, EVERY_CLINIC, run.now(), username)
        if found is None:
            if clinic_name is None or role is None:
                raise Stop(f'there is no active account "{username}"; a new one takes --clinic and --role')
            home, staff_id = run.clinic(clinic_name).id, uuid7()
            new = Staff(username, name or username, role)
            run.write(staff_service.put, operator(home), staff_id, new, None, None, run.clock.wall())
        else:
            home, staff_id = found.clinic_id, found.staff_id
        until = run.write(invitations.invite, operator(home), staff_id, token, run.clock.wall())
    address = settings.address()
    typer.echo(f"{address or ''}{invitations.MARK}{token}")
    where = "" if address else " The service's address goes before it: set PUBLIC_URL."
    typer.echo(f"Good once, until {to_text(until)}. It is shown here and never again.{where}", err=True)


@staff.command("vouch")
def vouch_for(username: Annotated[str, typer.Argument(help="Whose password somebody else has set.")]) -> None:
    """Say that an account is in its owner's hands again: the second factor that they add from now on signs."""
    with running() as run:
        found = run.database.read_now(credentials_of, EVERY_CLINIC, run.now(), username)
        if found is None:
            raise Stop(f'there is no account "{username}" that may sign in')
        run.write(second_factor.vouch, operator(found.clinic_id), found.staff_id)
    typer.echo(f'Vouched for "{username}": they add a passkey or six digits now, and sign with it.')
