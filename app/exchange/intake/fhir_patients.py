"""FHIR R4 Patients as the same rows a CSV gives.

Fields used: Patient.identifier, name, birthDate, gender; and what is said against them: active, deceased[x], link,
the use and period of a name or an identifier, implicitRules, modifierExtension (FHIR R4 4.0.1).
"""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256

from app.exchange.intake.bundles import Found, codes, entries, objects, text
from app.exchange.intake.modifiers import day_of, in_force, unknown_modifiers
from app.exchange.intake.references import Held, References
from app.exchange.intake.rows import MOST_ROWS, CountedIn, Fault, Incoming, PassedOver, Row, UnreadableFile

NAME_USES = ("official", "usual", None)
"""In this order. What is called old, maiden, nickname, temp or anonymous is not how a person is called here."""
PASSING = ("old", "temp")
"""Identifiers that stop being somebody's."""
ENTRY_GONE = "deleted in the source"
ONLY_ASKS = "an entry without a resource"
A_COPY = "a second copy of an earlier entry"


def held_of(number: int, resource: Found, value: Row | str | None) -> Held[Row | str | None]:
    """A resource as references meet it."""
    meta = resource.get("meta")
    said = json.dumps(resource, sort_keys=True, default=repr)
    return Held(
        number,
        text(resource.get("resourceType")) or "",
        text(resource.get("id")),
        text(meta.get("versionId")) if isinstance(meta, dict) else None,
        sha256(said.encode("utf-8", "surrogatepass")).digest(),
        value,
    )


def record_number_of(identifiers: object, system: str | None, today: date) -> str | None:
    """The identifier of the system named; else the one of type MR; else the only one."""
    current = [one for one in objects(identifiers) if one.get("use") not in PASSING and in_force(one, today)]
    if system is not None:
        chosen = [one for one in current if one.get("system") == system]
    else:
        chosen = [one for one in current if "MR" in codes(one.get("type"))] or current
    values = {value for one in chosen if (value := text(one.get("value"))) is not None}
    return values.pop() if len(values) == 1 else None


def _given_names(name: Found) -> tuple[str, ...]:
    given = name.get("given")
    parts = (text(part) for part in (given if isinstance(given, list) else []))
    return tuple(part for part in parts if part is not None)


def _name(number: int, patient: Found, today: date) -> tuple[Found, list[Fault], list[str]]:
    """The HumanName in force, what is wrong with it, and what a person should know."""
    names = list(objects(patient.get("name")))
    current = [name for name in names if name.get("use") in NAME_USES and in_force(name, today)]
    if not current:
        said = "no name is in force: one of use official or usual (or without a use) is needed, its period not over"
        return {}, [Fault(number, "family_name", said)] if names else [], []
    use = min((name.get("use") for name in current), key=NAME_USES.index)
    best = [name for name in current if name.get("use") == use]
    begun = [day_of(name["period"].get("start")) if "period" in name else None for name in best]
    newest = max(begun, key=lambda start: start or date.min)
    best = [name for name, start in zip(best, begun, strict=True) if start == newest]
    several = len({(text(name.get("family")), _given_names(name)) for name in best}) > 1
    return best[0], [], ["has several names in force at once: the first is taken"] if several else []


def _deceased(number: int, patient: Found) -> tuple[str | None, list[Fault]]:
    if "deceasedDateTime" in patient:
        day = day_of(patient["deceasedDateTime"])
        if day is None:
            return None, [Fault(number, "deceased", "deceasedDateTime is not a date such as 2019-04-05")]
        return f"deceased {patient['deceasedDateTime'][:10]}", []
    if "deceasedBoolean" in patient:
        said = patient["deceasedBoolean"]
        if not isinstance(said, bool):
            return None, [Fault(number, "deceased", "deceasedBoolean must be true or false")]
        return "deceased" if said else None, []
    return None, []


def _against(patient: Found) -> str | None:
    if patient.get("active") is False:
        return "Patient that is not active in the source"
    if any(link.get("type") == "replaced-by" for link in objects(patient.get("link"))):
        return "Patient that another one has replaced in the source"
    return None


def patient_row(number: int, patient: Found, system: str | None, today: date) -> Row:
    """One Patient."""
    name, faults, notes = _name(number, patient, today)
    given = _given_names(name)
    cells = {
        "family_name": text(name.get("family")),
        "given_name": " ".join(given) or None,
        "birth_date": text(patient.get("birthDate")),
        "record_number": record_number_of(patient.get("identifier"), system, today),
        "sex": text(patient.get("gender")),
    }
    if cells["record_number"] is None:
        said = "needs exactly one identifier in force of type MR, or of the identifier system that was named"
        faults.append(Fault(number, "record_number", said))
    if "active" in patient and not isinstance(patient["active"], bool):
        faults.append(Fault(number, "active", "must be true or false"))
    deceased, wrong = _deceased(number, patient)
    strange = unknown_modifiers(patient, objects(patient.get("link")))
    if strange is not None:
        faults.append(Fault(number, "Patient", strange))
    return Row(
        number,
        {name: said for name, said in cells.items() if said is not None},
        tuple(faults + wrong),
        tuple(notes),
        against=_against(patient),
        deceased=deceased,
        given_names=given,
    )


def patient_rows(content: bytes, system: str | None, today: date) -> Incoming:
    """A row for each Patient, numbered by its entry; everything else is passed over. Raises `UnreadableFile`."""
    rows: list[tuple[str | None, Row]] = []
    passed = PassedOver()
    references: References[Row | str | None] = References()
    seen: set[tuple[str | None, bytes]] = set()
    for entry in entries(content):
        if entry.resource is None:
            passed.note(ENTRY_GONE if entry.deleted is not None else ONLY_ASKS, entry.number)
            continue
        kind = text(entry.resource.get("resourceType"))
        if kind != "Patient":
            passed.note(kind_of(kind), entry.number)
            continue
        row = patient_row(entry.number, entry.resource, system, today)
        if row.against is not None:
            passed.note(row.against, entry.number)
            continue
        held = held_of(entry.number, entry.resource, None)
        if (entry.full_url, held.digest) in seen:
            passed.note(A_COPY, entry.number)
            continue
        seen.add((entry.full_url, held.digest))
        if len(seen) > MOST_ROWS:
            raise UnreadableFile(f"The Bundle has more than {MOST_ROWS} patients to take: split it.")
        references.add(entry.full_url, held)
        rows.append((entry.full_url, row))
    return Incoming(tuple(_told_apart(rows, references)), passed.all(), CountedIn.ENTRY)


def kind_of(kind: str | None) -> str:
    """What an entry of another type is counted as: a type is a word, whatever else stands there."""
    return kind if kind is not None and kind.isascii() and kind.isalpha() and len(kind) <= 64 else "no resource type"


def _told_apart(rows: list[tuple[str | None, Row]], references: References[Row | str | None]) -> list[Row]:
    told = []
    for full_url, row in rows:
        doubled = references.doubled(full_url)
        if doubled:
            where = ", ".join(map(str, doubled))
            fault = Fault(row.number, "fullUrl", f"is that of the entries {where}: one fullUrl, two patients")
            told.append(replace(row, faults=(*row.faults, fault)))
        else:
            told.append(row)
    return told
