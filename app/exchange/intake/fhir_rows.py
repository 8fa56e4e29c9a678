"""FHIR R4 Bundles as the same rows a CSV gives: Patient; Appointment with the Patient it names, in the same Bundle.

Fields used: Patient.identifier, name, birthDate, gender, active; Appointment.status, start, participant, serviceType
(FHIR R4 4.0.1). Everything else is passed over. Nothing is fetched.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.domain.events import Route
from app.exchange.intake.csv_rows import text_of
from app.exchange.intake.rows import MOST_ROWS, Fault, Row, Unreadable

Found = Mapping[str, Any]
TO_COME = frozenset({"pending", "booked", "arrived", "checked-in"})
GONE = frozenset({"cancelled", "noshow", "entered-in-error"})


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("A JSON object names a key twice.")
    return found


def _no_number(_text: str) -> None:
    raise Unreadable("NaN and Infinity are no JSON.")


def entries(content: bytes) -> list[Found]:
    """The entries of a Bundle, each with a resource. Raises `Unreadable`."""
    try:
        bundle = json.loads(text_of(content), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Unreadable("The file is not JSON.") from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise Unreadable("The file is not a FHIR Bundle.")
    listed = bundle.get("entry", [])
    if not isinstance(listed, list) or len(listed) > 2 * MOST_ROWS:
        raise Unreadable(f"The Bundle's entry must be a list of at most {2 * MOST_ROWS}.")
    if not all(isinstance(entry, dict) and isinstance(entry.get("resource"), dict) for entry in listed):
        raise Unreadable("An entry of the Bundle has no resource.")
    return listed


def _objects(value: object) -> Iterator[Found]:
    """The objects in a list, whatever else was put there."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _codes(concept: object) -> Iterator[str]:
    if isinstance(concept, dict):
        for coding in _objects(concept.get("coding")):
            code = _text(coding.get("code"))
            if code is not None:
                yield code


def _record_number(patient: Found, system: str | None) -> str | None:
    """The identifier of the system named; else the one of type MR; else the only one."""
    identifiers = [one for one in _objects(patient.get("identifier")) if one.get("use") != "old"]
    if system is not None:
        chosen = [one for one in identifiers if one.get("system") == system]
    else:
        chosen = [one for one in identifiers if "MR" in _codes(one.get("type"))] or identifiers
    values = {value for one in chosen if (value := _text(one.get("value"))) is not None}
    return values.pop() if len(values) == 1 else None


def _name(patient: Found) -> tuple[str | None, tuple[str, ...]]:
    names = [name for name in _objects(patient.get("name")) if name.get("use") != "old"]
    order = ("official", "usual", None)
    best = min(names, key=lambda name: order.index(name.get("use")) if name.get("use") in order else 9, default={})
    given = best.get("given")
    parts = (_text(part) for part in (given if isinstance(given, list) else []))
    return _text(best.get("family")), tuple(part for part in parts if part is not None)


def _patient(number: int, patient: Found, system: str | None) -> Row:
    family, given = _name(patient)
    cells = {
        "family_name": family,
        "given_name": " ".join(given) or None,
        "birth_date": _text(patient.get("birthDate")),
        "record_number": _record_number(patient, system),
        "sex": _text(patient.get("gender")),
    }
    faults = []
    if cells["record_number"] is None:
        message = "needs exactly one identifier of type MR, or of the system named with --identifier-system"
        faults.append(Fault(number, "record_number", message))
    left_out = "is not active in the source" if patient.get("active") is False else None
    return Row(number, {name: text for name, text in cells.items() if text is not None}, left_out, tuple(faults), given)


def patient_rows(content: bytes, system: str | None) -> list[Row]:
    """A row for each Patient, numbered by its entry. Raises `Unreadable`."""
    rows = [
        _patient(number, entry["resource"], system)
        for number, entry in enumerate(entries(content), 1)
        if entry["resource"].get("resourceType") == "Patient"
    ]
    if len(rows) > MOST_ROWS:
        raise Unreadable(f"The Bundle has more than {MOST_ROWS} patients: split it.")
    return rows


def day_rows(content: bytes, system: str | None) -> list[Row]:
    """A row for each Appointment, numbered by its entry. Raises `Unreadable`."""
    listed = entries(content)
    patients: dict[str, Row] = {}
    for number, entry in enumerate(listed, 1):
        resource = entry["resource"]
        if resource.get("resourceType") == "Patient":
            row = _patient(number, resource, system)
            keys = (_text(entry.get("fullUrl")), f"Patient/{resource.get('id')}" if _text(resource.get("id")) else None)
            patients |= {key: row for key in keys if key is not None}
    return [
        _appointment(number, entry["resource"], patients)
        for number, entry in enumerate(listed, 1)
        if entry["resource"].get("resourceType") == "Appointment"
    ]


def _appointment(number: int, appointment: Found, patients: Mapping[str, Row]) -> Row:
    cells: dict[str, str | None] = {"time": _text(appointment.get("start"))}
    faults: list[Fault] = []
    who: list[Row] = []
    for participant in _objects(appointment.get("participant")):
        actor = participant.get("actor")
        if not isinstance(actor, dict):
            continue
        reference = _text(actor.get("reference")) or ""
        if reference in patients:
            who.append(patients[reference])
        elif "Location/" in reference or actor.get("type") == "Location":
            cells["chair"] = _text(actor.get("display"))
    if len(who) == 1:
        cells |= {name: who[0].cells.get(name) for name in ("record_number", "family_name", "birth_date")}
        faults += [Fault(number, fault.column, fault.message) for fault in who[0].faults]
    else:
        faults.append(Fault(number, "record_number", "needs exactly one participant who is a Patient of this Bundle"))
    routes = {route.value for route in Route}
    for concept in _objects(appointment.get("serviceType")):
        cells["route"] = next((code for code in _codes(concept) if code in routes), cells.get("route"))
    status = _text(appointment.get("status"))
    left_out = None
    if status in GONE:
        left_out = "is called off in the source: cancel it here by hand where it was planned"
    elif status not in TO_COME:
        faults.append(Fault(number, "status", f"must be one of {', '.join(sorted(TO_COME | GONE))}"))
    return Row(number, {name: text for name, text in cells.items() if text is not None}, left_out, tuple(faults))
