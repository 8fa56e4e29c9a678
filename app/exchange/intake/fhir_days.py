"""FHIR R4 Appointments as the rows of a day list, each with the Patient it names, of the same Bundle or contained.

Fields used: Appointment.identifier, status, start, participant, serviceType; Patient as in `fhir_patients`; the name of
a Location (FHIR R4 4.0.1).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from app.domain.events import Route
from app.exchange.intake.bundles import BundleEntry, Found, codes, entries, objects, text
from app.exchange.intake.days import keyed
from app.exchange.intake.fhir_patients import (
    A_COPY,
    ENTRY_GONE,
    ONLY_ASKS,
    held_of,
    kind_of,
    patient_row,
    record_number_of,
)
from app.exchange.intake.modifiers import in_force, is_over, unknown_modifiers
from app.exchange.intake.references import Held, References, Unresolved, base_of, named_by
from app.exchange.intake.rows import MOST_ROWS, CountedIn, Fault, Incoming, PassedOver, Row, UnreadableFile

TO_COME = ("pending", "booked", "arrived", "checked-in")
NOT_FOR_US = ("proposed", "waitlist", "fulfilled", "cancelled", "noshow", "entered-in-error")
UNSURE = ("tentative", "needs-action")
MOST_PARTICIPANTS = 50
UNNAMED = "Patient whom no appointment of the file names"

Value = Row | str | None
Resource = Held[Value]


@dataclass(frozen=True, slots=True)
class _Participant:
    """Who or what takes part. `contained`: what a reference into the Appointment itself leads to."""

    place: int
    reference: str | None
    kind: str | None
    display: str | None
    record_number: str | None
    status: str | None
    contained: Resource | Unresolved | None


@dataclass(frozen=True, slots=True)
class _Visit:
    """An Appointment as far as it is used; the rest of it is let go at once."""

    number: int
    full_url: str | None
    status: str | None
    start: str | None
    route: str | None
    numbers: tuple[str, ...]
    address: str | None
    participants: tuple[_Participant, ...]
    faults: tuple[Fault, ...]
    digest: bytes


def day_rows(content: bytes, system: str | None, today: date) -> Incoming:
    """A row for each Appointment, numbered by its entry; everything else is passed over. Raises `UnreadableFile`."""
    references: References[Value] = References()
    people: set[int] = set()
    visits: list[_Visit] = []
    rows: list[Row] = []
    passed = PassedOver()
    seen: set[tuple[str | None, bytes]] = set()
    to_come = 0
    for entry in entries(content):
        if entry.resource is None:
            gone = _gone(entry)
            if gone is not None:
                rows.append(gone)
            else:
                passed.note(ENTRY_GONE if entry.deleted is not None else ONLY_ASKS, entry.number)
            continue
        kind = text(entry.resource.get("resourceType"))
        if kind == "Appointment":
            visit = _visit(entry, entry.resource, system, today)
            if (visit.full_url, visit.digest) in seen:
                passed.note(A_COPY, entry.number)
                continue
            seen.add((visit.full_url, visit.digest))
            visits.append(visit)
            to_come += visit.status not in NOT_FOR_US
            if to_come > MOST_ROWS:
                raise UnreadableFile(f"The Bundle has more than {MOST_ROWS} appointments to come: split it.")
            continue
        if kind == "Patient":
            people.add(entry.number)
        else:
            passed.note(kind_of(kind), entry.number)
        references.add(
            entry.full_url,
            held_of(entry.number, entry.resource, _value(entry.number, entry.resource, system, today)),
        )
    times = Counter(number for visit in visits for number in visit.numbers)
    shared = {number for number, count in times.items() if count > 1}
    named: set[int] = set()
    rows += [_row(visit, references, named, shared) for visit in visits]
    passed.note(UNNAMED, *(people - named))
    return Incoming(tuple(sorted(rows, key=lambda row: row.number)), passed.all(), CountedIn.ENTRY)


def _value(number: int, resource: Found, system: str | None, today: date) -> Value:
    match resource.get("resourceType"):
        case "Patient":
            return patient_row(number, resource, system, today)
        case "Location":
            return text(resource.get("name"))
        case _:
            return None


def _gone(entry: BundleEntry) -> Row | None:
    """A deleted Appointment, which may be one that was planned here."""
    named = named_by(entry.deleted or "")
    if named is None or named[0] != "Appointment":
        return None
    address = _address(entry.deleted, named[1])
    return Row(entry.number, {}, against="Appointment that is deleted in the source", appointments=(address,))


def _address(full_url: str | None, id_: str) -> str:
    return f"{base_of(full_url) or ''}Appointment/{id_}"


def _visit(entry: BundleEntry, appointment: Found, system: str | None, today: date) -> _Visit:
    faults = []
    participants = list(objects(appointment.get("participant")))
    strange = unknown_modifiers(appointment, participants)
    if strange is not None:
        faults.append(Fault(entry.number, "Appointment", strange))
    if len(participants) > MOST_PARTICIPANTS:
        faults.append(Fault(entry.number, "participant", f"are more than {MOST_PARTICIPANTS}: name who is treated"))
    routes = {route.value for route in Route}
    spoken = [code for concept in objects(appointment.get("serviceType")) for code in codes(concept) if code in routes]
    if len({*spoken}) > 1:
        faults.append(Fault(entry.number, "route", "serviceType names several: name one"))
    numbers = {
        keyed(value, text(one.get("system")))
        for one in objects(appointment.get("identifier"))
        if one.get("use") != "old" and in_force(one, today) and (value := text(one.get("value"))) is not None
    }
    id_ = text(appointment.get("id"))
    return _Visit(
        number=entry.number,
        full_url=entry.full_url,
        status=text(appointment.get("status")),
        start=text(appointment.get("start")),
        route=spoken[-1] if spoken else None,
        numbers=tuple(sorted(numbers)),
        address=_address(entry.full_url, id_) if id_ is not None else None,
        participants=tuple(
            _participant(entry.number, place, one, appointment, system, today)
            for place, one in enumerate(participants[:MOST_PARTICIPANTS], 1)
            if not is_over(one, today)
        ),
        faults=tuple(faults),
        digest=held_of(entry.number, appointment, None).digest,
    )


def _participant(
    number: int, place: int, participant: Found, appointment: Found, system: str | None, today: date
) -> _Participant:
    actor = participant.get("actor")
    if not isinstance(actor, dict):
        actor = {}
    reference, kind = text(actor.get("reference")), text(actor.get("type"))
    contained: Resource | Unresolved | None = None
    if reference is not None and reference.startswith("#"):
        here = [one for one in objects(appointment.get("contained")) if one.get("id") == reference[1:]]
        if len(here) == 1:
            contained = held_of(number, here[0], _value(number, here[0], system, today))
        else:
            said = "is contained more than once" if here else "is not contained in this Appointment"
            contained = Unresolved(kind, f"refers to what {said}: give each contained resource an id of its own")
    identifier = actor.get("identifier")
    identified = None
    if isinstance(identifier, dict) and (
        kind == "Patient" or "MR" in codes(identifier.get("type")) or (system and identifier.get("system") == system)
    ):
        identified = record_number_of([identifier], system, today)
    return _Participant(
        place, reference, kind, text(actor.get("display")), identified, text(participant.get("status")), contained
    )


def _row(visit: _Visit, references: References[Value], named: set[int], shared: set[str]) -> Row:
    """The row of an Appointment. Whom it names is added to `named`."""
    people: list[tuple[_Participant, Row]] = []
    faults = list(visit.faults)
    chairs = []
    for participant in visit.participants:
        found = _actor(participant, visit.full_url, references)
        if isinstance(found, Unresolved):
            faults.append(Fault(visit.number, "record_number", f"participant {participant.place} {found.because}"))
        elif isinstance(found, Row):
            people.append((participant, found))
            named.add(found.number)
        elif found is not None and participant.status != "declined":
            chairs.append(found)
    numbers = {row.cells.get("record_number") for _, row in people}
    said = f"names {len(numbers) or 'no'} patients: exactly one participant must be a Patient of this Bundle"
    if len(numbers) > 1 or (not numbers and not faults):
        faults.append(Fault(visit.number, "record_number", said))
    notes: list[str] = ["names several places: the first is taken"] if len({*chairs}) > 1 else []
    cells: dict[str, str | None] = {"time": visit.start, "chair": chairs[0] if chairs else None, "route": visit.route}
    against = f"Appointment of status {visit.status}" if visit.status in NOT_FOR_US else None
    if len(numbers) == 1:
        participant, who = people[0]
        cells |= {name: who.cells.get(name) for name in ("record_number", "family_name", "birth_date")}
        faults += [Fault(visit.number, fault.column, fault.message) for fault in who.faults]
        notes += [*who.notes, *(["the patient has not confirmed it"] if participant.status in UNSURE else [])]
        against = against or _said_against(participant, who)
        if participant.status not in {None, "accepted", "declined", *UNSURE}:
            faults.append(Fault(visit.number, "participant", "its status must be accepted, declined or to be answered"))
    if visit.status not in TO_COME + NOT_FOR_US:
        said = f"must be one of {', '.join(TO_COME)} to be planned, or {', '.join(NOT_FOR_US)} to be passed over"
        faults.append(Fault(visit.number, "status", said))
    own = tuple(number for number in visit.numbers if number not in shared)
    return Row(
        visit.number,
        {name: said for name, said in cells.items() if said is not None},
        tuple(faults),
        tuple(notes),
        against=against,
        appointments=own or ((visit.address,) if visit.address else ()),
    )


def _said_against(participant: _Participant, who: Row) -> str | None:
    if participant.status == "declined":
        return "Appointment that the patient declined"
    if who.deceased is not None:
        return f"Appointment of a patient who is {who.deceased} in the source"
    return f"Appointment of a {who.against}" if who.against is not None else None


def _actor(
    participant: _Participant, full_url: str | None, references: References[Value]
) -> Row | str | Unresolved | None:
    """The patient or the chair a participant is; None for anybody else."""
    found: Resource | Unresolved | None = participant.contained
    if found is None and participant.reference is not None:
        found = references.resolve(participant.reference, full_url)
    if isinstance(found, Held):
        if isinstance(found.value, Row):
            if participant.record_number not in {None, found.value.cells.get("record_number")}:
                return Unresolved(found.kind, "names one patient by its reference and another by its identifier")
            return found.value
        return participant.display or found.value if found.kind == "Location" else None
    kind = (found.kind if found is not None else None) or participant.kind
    if kind == "Location":
        return participant.display
    if participant.record_number is not None:
        # a record number alone says who is meant, as in a CSV
        return Row(0, {"record_number": participant.record_number})
    if kind in {None, "Patient"} and found is not None:
        return found
    if kind == "Patient":
        return Unresolved(kind, "names a Patient in words only: give a reference, or an identifier of type MR")
    return None
