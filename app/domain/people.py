"""Who acts: staff of one clinic with one role, a machine with its scopes, the service itself; and what each may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from app.domain.errors import Forbidden
from app.domain.scopes import Access, ScopeMayNot, Scopes, covers


class Role(StrEnum):
    """One account has one of them."""

    NURSE = "nurse"
    CLINICIAN = "clinician"
    LEAD = "lead"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class Act(StrEnum):
    """What can be done through any interface; every route and command names exactly one."""

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
    ANSWER_ALERTS = "answer-alerts"
    """Say that one has seen what calls, for every tablet."""
    MANAGE_WALLS = "manage-walls"
    READ_WALL = "read-wall"
    """What a wall board shows: nobody's but a wall board's, by the token of its link."""
    READ_SETTINGS = "read-settings"
    MANAGE_SETTINGS = "manage-settings"
    """How the clinic's tablets call, and what its papers say."""
    EXPORT_RECORD = "export-record"
    """The whole record of a clinic, in somebody else's format."""
    READ_EVIDENCE = "read-evidence"
    """How the clinic works, in counts of its sessions: nobody's values."""
    IMPORT = "import"
    """Patients and planned sessions by file, at the lead's desk."""
    READ_STAFF = "read-staff"
    READ_PROTOCOLS = "read-protocols"
    WRITE_PROTOCOLS = "write-protocols"
    APPROVE_PROTOCOLS = "approve-protocols"
    READ_AUDIT = "read-audit"
    READ_FHIR = "read-fhir"
    EXPORT_FHIR = "export-fhir"
    """Whatever stands under /fhir; of a machine, its scopes say which types."""
    READ_FEED = "read-feed"
    MANAGE_WEBHOOKS = "manage-webhooks"
    """See how deliveries stand, send again, add and end targets; those of its own network the operator adds."""
    MANAGE_CLIENTS = "manage-clients"
    """Machines that may sign in to the clinic."""
    PACK_SESSION = "pack-session"
    """Take one session along: its whole record with its audit, out of the reach of this service."""
    BREAK_GLASS = "break-glass"
    """Open one patient of another clinic of the same organisation, with a reason, to read."""
    READ_BREAK_GLASS = "read-break-glass"
    REVIEW_BREAK_GLASS = "review-break-glass"
    """Look at who has opened what of one's own clinic, and say so."""
    OWN_SIGN_IN = "own-sign-in"
    """Whatever concerns one's own sign-ins, besides the next."""
    OWN_PASSWORD = "own-password"  # noqa: S105
    """Change one's own password, and leave: all that is open to whose password somebody else has chosen."""


N, C, L, A, O = Role.NURSE, Role.CLINICIAN, Role.LEAD, Role.AUDITOR, Role.OPERATOR  # noqa: E741

MAY: dict[Act, frozenset[Role]] = {
    Act.READ_PATIENTS: frozenset({N, C, L, A}),
    Act.CHART: frozenset({N, C}),
    Act.CLEAR: frozenset({C}),
    Act.SIGN: frozenset({C}),
    Act.ACKNOWLEDGE: frozenset({C}),
    Act.MANAGE_STAFF: frozenset({L}),
    Act.MANAGE_TABLETS: frozenset({L}),
    Act.ANSWER_ALERTS: frozenset({N, C}),
    Act.MANAGE_WALLS: frozenset({L}),
    Act.READ_WALL: frozenset(),
    Act.READ_SETTINGS: frozenset({N, C, L, A}),
    Act.MANAGE_SETTINGS: frozenset({L}),
    Act.EXPORT_RECORD: frozenset({L, A}),
    Act.READ_EVIDENCE: frozenset({L, A}),
    Act.IMPORT: frozenset({L}),
    Act.READ_STAFF: frozenset({L, A}),
    Act.READ_PROTOCOLS: frozenset({N, C, L, A}),
    Act.WRITE_PROTOCOLS: frozenset({L}),
    Act.APPROVE_PROTOCOLS: frozenset({C, L}),
    Act.READ_AUDIT: frozenset({L, A}),
    Act.READ_FHIR: frozenset({C, L}),
    Act.EXPORT_FHIR: frozenset({L, A}),
    Act.READ_FEED: frozenset({C, L, A}),
    Act.MANAGE_WEBHOOKS: frozenset({L}),
    Act.MANAGE_CLIENTS: frozenset({L}),
    Act.PACK_SESSION: frozenset({C, L, A}),
    Act.BREAK_GLASS: frozenset({C, L}),
    Act.READ_BREAK_GLASS: frozenset({L, A}),
    Act.REVIEW_BREAK_GLASS: frozenset({L}),
    Act.OWN_SIGN_IN: frozenset({N, C, L, A, O}),
    Act.OWN_PASSWORD: frozenset({N, C, L, A, O}),
}
MACHINES_MAY: frozenset[Act] = frozenset({Act.READ_FHIR, Act.EXPORT_FHIR, Act.READ_FEED})
"""A machine reads what is made for machines, and writes nothing."""


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
class Machine:
    """A registered client, with what its token was granted."""

    client_id: UUID
    scopes: Scopes


class Itself(StrEnum):
    """The service, acting by itself or at the console: the only one that may do anything. Never a default."""

    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting in one unit of work, in one clinic. `staff_id` is a person's alone."""

    clinic_id: UUID
    staff_id: UUID | None
    name: str
    role: Role | Machine | Itself
    tablet_id: UUID | None = None
    clock_offset_ms: int | None = None
    """How far that tablet's clock was off when this was typed, in its own words; None where it does not say."""
    sign_in_id: UUID | None = None
    sent_by: Sender | None = None
    """Whose sign-in carries what this person typed, where that is somebody else's."""

    @property
    def id(self) -> UUID | None:
        """The person's or the client's; None for the service itself."""
        return self.role.client_id if isinstance(self.role, Machine) else self.staff_id

    @property
    def called(self) -> str:
        """What the role is called in the record: that of a person, `client`, or `service`."""
        return "client" if isinstance(self.role, Machine) else self.role.value


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
    match actor.role:
        case Itself():
            return
        case Machine():
            if act not in MACHINES_MAY:
                raise RoleMayNot("a machine may not do this: it reads what is made for machines, and nothing else")
        case Role() as role:
            if not may(role, act):
                who = " or ".join(sorted(one.value for one in MAY[act])) or "wall board"
                raise RoleMayNot(f"a {role.value} may not do this: it takes a {who}")
        case _:
            assert_never(actor.role)


def check_scope(actor: Actor, resource_type: str, access: Access) -> None:
    """Raises `ScopeMayNot` where a machine's token does not cover it. Of people, `check_may` has said all there is."""
    match actor.role:
        case Machine() as machine:
            if not covers(machine.scopes, resource_type, access):
                raise ScopeMayNot
        case Role() | Itself():
            return
        case _:
            assert_never(actor.role)
