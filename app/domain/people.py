"""Who acts: staff of one clinic with one role, and the one table of what each role may do."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.errors import Forbidden


class Role(StrEnum):
    """One account has one of them."""

    NURSE = "nurse"
    CLINICIAN = "clinician"
    LEAD = "lead"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Act(StrEnum):
    """What can be done through any door; every route and command names exactly one."""

    READ_PATIENTS = "read-patients"
    CHART = "chart"
    """Patients, courses, sessions, screening, events, readings, corrections, voids, escort, discharge."""
    CLEAR = "clear"
    """Clearance of a course or a session."""
    SIGN = "sign"
    """Override, confirm, decline; clinician's events."""
    ACKNOWLEDGE = "acknowledge"
    MANAGE_STAFF = "manage-staff"
    MANAGE_TABLETS = "manage-tablets"
    READ_STAFF = "read-staff"
    READ_PROTOCOLS = "read-protocols"
    WRITE_PROTOCOLS = "write-protocols"
    APPROVE_PROTOCOLS = "approve-protocols"
    READ_AUDIT = "read-audit"
    PACK_SESSION = "pack-session"
    """Take one session along: its whole record with its audit, out of the reach of this service."""
    OWN_SIGN_IN = "own-sign-in"
    """Sign out, and whatever else concerns one's own sign-in."""


N, C, L, A, O = Role.NURSE, Role.CLINICIAN, Role.LEAD, Role.AUDITOR, Role.OPERATOR  # noqa: E741

MAY: dict[Act, frozenset[Role]] = {
    Act.READ_PATIENTS: frozenset({N, C, L, A}),
    Act.CHART: frozenset({N, C}),
    Act.CLEAR: frozenset({C}),
    Act.SIGN: frozenset({C}),
    Act.ACKNOWLEDGE: frozenset({C}),
    Act.MANAGE_STAFF: frozenset({L}),
    Act.MANAGE_TABLETS: frozenset({L}),
    Act.READ_STAFF: frozenset({L, A}),
    Act.READ_PROTOCOLS: frozenset({N, C, L, A}),
    Act.WRITE_PROTOCOLS: frozenset({L}),
    Act.APPROVE_PROTOCOLS: frozenset({C, L}),
    Act.READ_AUDIT: frozenset({L, A}),
    Act.PACK_SESSION: frozenset({C, L, A}),
    Act.OWN_SIGN_IN: frozenset({N, C, L, A, O}),
}


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic of the installation. `timezone` is an IANA name, for display only."""

    id: UUID
    name: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Staff:
    """A named account: one clinic, one role. `active` False means it may no longer sign in."""

    username: str
    name: str
    role: Role
    active: bool = True


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends what somebody else has typed, as they are called now."""

    staff_id: UUID
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting in one unit of work: a signed-in person, or the service itself (`role` None)."""

    clinic_id: UUID
    staff_id: UUID | None
    name: str
    role: Role | None
    tablet_id: UUID | None = None
    clock_offset_ms: int | None = None
    """How far that tablet's clock was off when this was typed, in its own words; None where it does not say."""
    sign_in_id: UUID | None = None
    sent_by: Sender | None = None
    """Whose sign-in carries what this person typed, where that is somebody else's."""


class TicketRefused(Forbidden):
    """This cannot be sent in its author's name: sign in as the author and send it again. Nothing was kept."""

    code = "ticket-refused"


class RoleMayNot(Forbidden):
    """Your role may not do this."""

    code = "role-may-not"


def may(role: Role, act: Act) -> bool:
    """Whether the table lets the role do it."""
    return role in MAY[act]


def check_may(actor: Actor, act: Act) -> None:
    """Raises `RoleMayNot`, naming who may; the service itself may do anything.

    What another person sends may be charting alone: else `TicketRefused`.
    """
    if actor.sent_by is not None and act is not Act.CHART:
        raise TicketRefused
    if actor.role is None or may(actor.role, act):
        return
    who = " or ".join(sorted(role.value for role in MAY[act]))
    raise RoleMayNot(f"a {actor.role.value} may not do this: it takes a {who}")
