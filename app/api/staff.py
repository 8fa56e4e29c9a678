"""Staff accounts, kept by the clinic's lead."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field

from app.api.answers import answer
from app.api.calls import Call, allow
from app.api.contract import Out
from app.api.cursors import MOST, After, Limit, a_page, by_revision, read_cursor, read_number
from app.api.errors import refusals
from app.api.kept import KeptOut, kept_document
from app.api.routes import router as make_router
from app.api.sign_in import Password
from app.api.strict import Body, Choice, Id, IfMatch, Instant, Text
from app.db import clinics
from app.db.staff import folded, staff_document
from app.db.work import Work
from app.domain.deciding import Change
from app.domain.people import Act, Clinic, Role, Staff
from app.domain.records import Kept
from app.services import invitations, sign_in, staff
from app.services.password_choice import check_password
from app.services.usernames import LONGEST

router = make_router()


class StaffIn(Body):
    username: Annotated[str, Text(LONGEST)]
    name: Annotated[str, Text()]
    role: Choice[Role]
    active: bool = True
    password: Password | None = Field(
        default=None,
        description="Left as it is without. One that is given here has to be changed at the first sign-in, which opens "
        "nothing else; better is none, and an invitation",
    )


class StaffOut(Out):
    id: Id
    revision: int
    username: str
    name: str
    role: Role
    active: bool


class InvitationOut(Out):
    """Shown here and never again; good once, until `expires_at`. `link` null: the service has no PUBLIC_URL."""

    token: str
    link: str | None
    expires_at: Instant


class StaffKeptOut(StaffOut):
    invitation: InvitationOut | None = Field(description="Of a new account without a password")


class StaffRevisionOut(KeptOut):
    id: Id
    username: str
    name: str
    role: Role
    active: bool


class StaffListOut(Out):
    items: list[StaffOut]
    next: str | None


class StaffHistoryOut(Out):
    items: list[StaffRevisionOut]
    next: str | None


def _document(staff_id: UUID, revision: int, person: Staff) -> dict[str, object]:
    return {"id": staff_id, "revision": revision, **staff_document(person)}


def _revision(staff_id: UUID, kept: Kept[Staff]) -> dict[str, object]:
    return {"id": staff_id, **kept_document(kept, staff_document(kept.value))}


def _place(username: str) -> str:
    return username


def _clinic_and_hash(work: Work, staff_id: UUID) -> tuple[Clinic | None, str | None]:
    return clinics.get(work), staff.password_hash_of(work, staff_id)


@router.put(
    "/v1/staff/{staff_id}",
    response_model=StaffKeptOut,
    responses={201: {"model": StaffKeptOut}, **refusals(409, 412, 428)},
)
async def put_staff(
    staff_id: UUID, body: StaffIn, call: Annotated[Call, allow(Act.MANAGE_STAFF)], if_match: IfMatch
) -> Response:
    """Create or revise an account. A new one comes with an invitation, by which its owner sets the password.

    A changed role or password, or `active: false`, ends its sign-ins, author tickets and PINs at once.
    """
    person = Staff(body.username, body.name, body.role, body.active)
    hashed = None
    if body.password is not None:
        clinic, stored = await call.read(_clinic_and_hash, staff_id)
        # the password it has already is no change: a repeated request stays a repeat
        if stored is None or not await call.shared.passwords.matches(stored, body.password):
            check_password(body.password, person, clinic)
            hashed = await call.shared.passwords.hash(body.password)
    token = sign_in.new_token() if body.password is None else None
    change, until = await call.write(_put, staff_id, person, hashed, if_match, call.wall, token)
    kept = await call.read(staff.find, staff_id)
    document = _document(staff_id, kept.revision, kept.value)
    invitation = _invitation(call, token, until) if token and until else None
    return answer({**document, "invitation": invitation}, status=201 if change.created else 200, revision=kept.revision)


def _put(
    work: Work,
    staff_id: UUID,
    person: Staff,
    password_hash: str | None,
    expected: int | None,
    wall: datetime,
    token: str | None,
) -> tuple[Change, datetime | None]:
    """The account, and with a token the invitation of one that is new, in one work."""
    change = staff.put(work, staff_id, person, password_hash, expected, wall)
    wanted = token is not None and change.created and person.active
    return change, invitations.invite(work, staff_id, token, wall) if wanted and token else None


def _invitation(call: Call, token: str, until: datetime) -> dict[str, object]:
    url = call.shared.public_url
    link = None if url is None else f"{url}{invitations.MARK}{token}"
    return {"token": token, "link": link, "expires_at": until}


@router.post(
    "/v1/staff/{staff_id}/invitation",
    status_code=201,
    response_model=InvitationOut,
    responses=refusals(409),
)
async def invite_staff(staff_id: UUID, call: Annotated[Call, allow(Act.MANAGE_STAFF)]) -> Response:
    """A new invitation, by which the owner of the account sets its password, once, within 24 hours.

    So is a forgotten password reset: the old one, older invitations, sign-ins, author tickets and PINs are over.
    """
    token = sign_in.new_token()
    until = await call.write(invitations.invite, staff_id, token, call.wall)
    return answer(_invitation(call, token, until), status=201)


@router.get("/v1/staff", response_model=StaffListOut)
async def list_staff(
    call: Annotated[Call, allow(Act.READ_STAFF)], after: After = None, limit: Limit = MOST
) -> Response:
    """Accounts of the clinic by username, inactive ones too."""
    found = await call.read(staff.read_page, read_cursor(after, _place), limit + 1)
    return answer(a_page(found, limit, lambda entry: _document(*entry), lambda entry: (folded(entry[2].username),)))


@router.get("/v1/staff/{staff_id}", response_model=StaffOut)
async def get_staff(staff_id: UUID, call: Annotated[Call, allow(Act.READ_STAFF)]) -> Response:
    """One account."""
    kept = await call.read(staff.read, staff_id)
    return answer(_document(staff_id, kept.revision, kept.value), revision=kept.revision)


@router.get("/v1/staff/{staff_id}/history", response_model=StaffHistoryOut)
async def get_staff_history(
    staff_id: UUID, call: Annotated[Call, allow(Act.READ_STAFF)], after: After = None, limit: Limit = MOST
) -> Response:
    """Revisions of one account, oldest first."""
    found = await call.read(staff.read_history, staff_id, read_number(after), limit + 1)
    return answer(a_page(found, limit, lambda kept: _revision(staff_id, kept), by_revision))
