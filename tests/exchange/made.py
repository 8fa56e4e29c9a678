"""Whole session records by seeded chance, as awkward as a record may be, with every earlier revision of its sheets."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from app.domain.canonical import digest
from app.domain.documents import decimal_text
from app.domain.dose import ORDER_AT_ONE_INSTANT
from app.domain.events import (
    Addendum,
    BaselineAccepted,
    ConcernAcknowledged,
    Detail,
    DeviceGiven,
    DoseStarted,
    Event,
    EventKind,
    MedicationGiven,
    OxygenStarted,
    RateChanged,
    ReadingRef,
    Route,
    SymptomResolved,
    Transferred,
)
from app.domain.facts import Escort, EscortCall
from app.domain.forms import Answer, FormAnswers, Medicine
from app.domain.people import Clinic
from app.domain.readings import Reading
from app.domain.records import (
    Clearance,
    Confirmation,
    Course,
    Decision,
    Discharge,
    EventHistory,
    FlagChange,
    Kept,
    KeptAssessment,
    Notice,
    NoticeHistory,
    NoticeKind,
    Patient,
    ReadingHistory,
    Screening,
    ScreeningOverride,
    SessionHeader,
    SessionRecord,
    Signer,
    Void,
)
from app.domain.screening import Exclusion, SameDayAnswer
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    CONSCIOUSNESS_SCORES,
    INSTRUMENTS,
    VITALS,
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)

WORDS = (
    "Maria",
    "O'Brien-Żółć",
    "李小龍",
    "נועה",
    "  led by spaces",
    '<b>&"quoted"\\ and more',
    "=1+1",
    "null",
    "🙂 Zoë",
    "e\u0301 not composed",
    "x" * 200,
)
LINES = (*WORDS, "two\nlines\tand a tab")
# Nights on which clocks change somewhere, the first and last instants of years, and an ordinary noon.
DAYS = (
    datetime(2026, 3, 7, 12, tzinfo=UTC),
    datetime(2026, 3, 8, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 59, 59, 999999, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 0, 0, 1, tzinfo=UTC),
)
DOSES = tuple(ORDER_AT_ONE_INSTANT)
FIELDS = (*Vital, "oxygen", "consciousness", "dissociation", "symptoms", "gait_steady", "orientated")


@dataclass(frozen=True)
class Made:
    """A record, and the clinic it is kept by."""

    record: SessionRecord
    clinic: Clinic


class Maker:
    """Chance with a seed; `arrival` runs on, so that what is made later arrives later."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.start = self.chance.choice(DAYS)
        self.arrival = self.start
        self.had_left_at = self.start if seed % 3 == 0 else None
        self.people = [Signer(self.id(), self.one(WORDS), role) for role in ("nurse", "nurse", "clinician")]

    def id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def one(self, choices: Any) -> Any:
        return self.chance.choice(list(choices))

    def maybe(self, value: Any, odds: float = 0.5) -> Any:
        return value if self.chance.random() < odds else None

    def often(self, odds: float) -> bool:
        return self.chance.random() < odds

    def moment(self, low: int = -60, high: int = 240) -> datetime:
        return self.start + timedelta(minutes=self.chance.randint(low, high), microseconds=self.one((0, 0, 1, 500000)))

    def amount(self, most: int = 500) -> Decimal:
        return Decimal(decimal_text(Decimal(self.chance.randint(1, most * 1000)) / 1000))

    def kept(self, value: Any, revision: int = 1, reason: str | None = None) -> Kept[Any]:
        self.arrival += timedelta(microseconds=self.one((1, 1000, 60_000_000)))
        by = self.one([*self.people, Signer(None, "Infusion Vitals", "service")])
        return Kept(value, revision, by, self.arrival, self.maybe(self.id()), reason)

    def revisions(self, make: Any, most: int = 3) -> tuple[Kept[Any], ...]:
        return tuple(
            self.kept(make(revision), revision, self.maybe(self.one(WORDS)))
            for revision in range(1, self.chance.randint(1, most) + 1)
        )

    # --- readings ----------------------------------------------------------------------------------------------------
    def oxygen(self) -> Oxygen:
        if self.often(0.5):
            return Oxygen(OxygenKind.ROOM_AIR)
        return Oxygen(OxygenKind.SUPPLEMENTAL, self.maybe(self.amount(15), 0.8))

    def consciousness(self) -> Consciousness:
        scale = self.one(ConsciousnessScale)
        return Consciousness(scale, self.one(CONSCIOUSNESS_SCORES[scale]))

    def dissociation(self) -> Dissociation:
        grade = self.one(DissociationGrade)
        if self.often(0.5):
            return Dissociation(grade)
        instrument, version = self.one(INSTRUMENTS)
        facts = INSTRUMENTS[instrument, version]
        if self.often(0.5):
            return Dissociation(grade, instrument, version, self.chance.randint(0, facts.ceiling))
        items = tuple((number, self.chance.randint(0, facts.item_ceiling)) for number in facts.items)
        return Dissociation(grade, instrument, version, sum(score for _, score in items), items)

    def symptoms(self) -> tuple[Symptom, ...]:
        codes = sorted(self.chance.sample(list(SymptomCode)[:6], self.chance.randint(0, 3)))
        return tuple(Symptom(code, self.maybe(self.one(Severity), 0.8), self.maybe(self.moment())) for code in codes)

    def reading(self, name: UUID, revision: int) -> Reading:
        given: dict[str, Any] = {
            vital.value: self.chance.randint(VITALS[vital].possible.low, VITALS[vital].possible.high) for vital in Vital
        }
        given |= {
            "oxygen": self.oxygen(),
            "consciousness": self.consciousness(),
            "dissociation": self.dissociation(),
            "symptoms": self.symptoms(),
            "gait_steady": self.often(0.7),
            "orientated": self.often(0.7),
        }
        absent = [field for field in FIELDS if self.often(0.15)]
        reasons = tuple(sorted((str(field), self.one(WORDS)) for field in absent if self.often(0.8)))
        return Reading(
            id=name,
            revision=revision,
            measured_at=self.moment(),
            **(given | dict.fromkeys(map(str, absent))),
            not_measured=reasons,
            confirmed_unlikely=frozenset(vital for vital in Vital if self.often(0.1)),
            note=self.maybe(self.one(LINES), 0.3),
            clock_doubtful=self.often(0.1),
        )

    def void(self, name: UUID) -> Kept[Void]:
        reason = self.one(WORDS)
        return self.kept(Void(name, reason), 1, reason)

    # --- events ------------------------------------------------------------------------------------------------------
    def detail(self, kind: EventKind) -> Detail:
        match kind:
            case EventKind.INFUSION_STARTED:
                return DoseStarted(self.amount(), self.maybe(self.chance.randint(0, 90)), self.maybe(self.one(WORDS)))
            case EventKind.NASAL_DEVICE_GIVEN:
                return DeviceGiven(self.amount(), self.maybe(self.one(WORDS)))
            case EventKind.RATE_CHANGED:
                return RateChanged(self.amount())
            case EventKind.MEDICATION_GIVEN:
                words = self.maybe(self.one(WORDS)), self.maybe(self.one(WORDS))
                return MedicationGiven(self.one(("midazolam", "a-b-c", "oxygen")), self.maybe(self.amount()), *words)
            case EventKind.OXYGEN_STARTED:
                return OxygenStarted(self.amount(15))
            case EventKind.SYMPTOM_RESOLVED:
                return SymptomResolved(self.one(list(SymptomCode)[:6]))
            case EventKind.BASELINE_ACCEPTED:
                return BaselineAccepted(tuple(sorted(ReadingRef(self.id(), n) for n in (1, 2)[: self.one((1, 2))])))
            case EventKind.CONCERN_ACKNOWLEDGED:
                return ConcernAcknowledged(f"{self.id()}.1.systolic")
            case EventKind.TRANSFERRED:
                return Transferred(self.one(WORDS))
            case EventKind.ADDENDUM:
                return Addendum(self.one(LINES), self.maybe(self.reading(self.id(), 1)))
            case _:
                return None

    def facts(self, most: int) -> tuple[tuple[ReadingHistory, ...], tuple[EventHistory, ...]]:
        """Readings and events as they arrive: late, shuffled, corrected and voided long after."""
        readings: dict[UUID, ReadingHistory] = {}
        events: dict[UUID, EventHistory] = {}
        for _ in range(self.chance.randint(0, most)):
            name = self.id()
            open_readings = [one for one, history in readings.items() if history.void is None]
            open_events = [one for one, history in events.items() if history.void is None]
            match self.one(("reading", "event", "event", "correction", "void", "void an event")):
                case "correction" if open_readings:
                    name = self.one(open_readings)
                    before = readings[name]
                    revision = len(before.revisions) + 1
                    after = self.kept(self.reading(name, revision), revision, self.one(WORDS))
                    readings[name] = replace(before, revisions=(*before.revisions, after))
                case "void" if open_readings:
                    name = self.one(open_readings)
                    readings[name] = replace(readings[name], void=self.void(name))
                case "void an event" if open_events:
                    name = self.one(open_events)
                    events[name] = replace(events[name], void=self.void(name))
                case "event":
                    kind = self.one(DOSES) if self.often(0.5) else self.one(EventKind)
                    event = Event(name, kind, self.moment(), self.detail(kind), self.often(0.1))
                    events[name] = EventHistory(self.kept(event))
                case _:
                    readings[name] = ReadingHistory((self.kept(self.reading(name, 1)),))
        return tuple(readings.values()), tuple(events.values())

    # --- sheets and signatures ---------------------------------------------------------------------------------------
    def patient(self, _: int) -> Patient:
        born = date(self.chance.randint(1900, 2020), self.chance.randint(1, 12), self.chance.randint(1, 28))
        sex = self.one((None, "female", "male", "other", "unknown"))
        given = tuple(self.one(WORDS) for _ in range(self.one((0, 1, 1, 2, 3))))
        family = "" if given and self.often(0.2) else self.one(WORDS)
        return Patient(family, given, born, self.one(WORDS), sex)

    def escort(self, revision: int) -> Escort:
        present = self.often(0.7)
        seen = self.moment() if present else None
        call = EscortCall("+49 30 901820", self.moment(), self.one(WORDS), self.maybe(self.moment()))
        return Escort(self.one(WORDS), present, seen, self.maybe(self.one(WORDS)), revision, self.maybe(call))

    def items(self) -> tuple[str, ...]:
        """Of the same-day check."""
        return self.one(((), ("fluids",), ("alcohol", "fluids")))

    def screening(self) -> Screening:
        answers = {one: self.often(0.2) for one in Exclusion}
        same_day = {item: self.one(SameDayAnswer) for item in self.items()}
        return Screening(answers, same_day, self.moment() if same_day else None)

    def form_answers(self) -> FormAnswers:
        medicines = {name: self.one(Answer) for name in Medicine if self.often(0.5)}
        watched = self.maybe(self.one(WORDS)), self.maybe("+49 30 901820"), self.maybe("ward@clinic.example")
        return FormAnswers(self.maybe(self.one(Answer)), medicines, *watched, self.maybe(self.moment()))

    def assessment(self, number: int, raised_at: datetime | None) -> KeptAssessment:
        """`raised_at`: when the flag was last raised before this."""
        as_of, change = self.moment(), self.maybe(self.one(FlagChange))
        made_one = KeptAssessment(
            number=number,
            as_of=as_of,
            recorded_at=self.arrival + timedelta(seconds=number),
            status=self.one(("met", "not-met", "cannot-tell")),
            digest="",
            rules="2",
            protocol={"id": "iv-infusion-example", "version": 3, "hash": "a" * 64},
            judged=0,
            inputs=f"{self.chance.getrandbits(256):064x}",
            tablets=[{"id": str(self.id()), "in_step": self.often(0.8)}][: self.one((0, 1))],
            findings={
                criterion: {
                    "criterion": criterion,
                    "outcome": self.one(("met", "not-met", "unknown")),
                    "code": "vital-not-measured",
                    "params": {"at": "2026-03-07T12:00:00Z", "vital": "spo2", "value": None, "reason": self.one(WORDS)},
                    "rests_on": [{"kind": "reading", "id": str(self.id()), "revision": 2}][: self.one((0, 1))],
                    "limits": {},
                }
                for criterion in ("heart-rate-recovered", "dissociation-absent")
            },
            baseline={"sound": self.often(0.5), "because": self.one(WORDS), "oxygen": None},
            lapses_at=self.maybe(self.moment()),
            earliest_met_at=self.maybe(self.moment()),
            next_change_at=None,
            change=change,
            raised_at=as_of if change is FlagChange.RAISED else raised_at,
        )
        return replace(made_one, digest=digest(made_one.document))

    def assessments(self) -> tuple[KeptAssessment, ...]:
        """Each as it is kept after the one before it."""
        found: list[KeptAssessment] = []
        for number in range(1, self.chance.randint(0, 3) + 1):
            found.append(self.assessment(number, found[-1].raised_at if found else None))
        return tuple(found)

    def confirmation(self, seen: str) -> Kept[Confirmation]:
        decision = self.one(Decision)
        named = ("dissociation-absent", "fresh") if decision is Decision.OVERRIDE else ()
        return self.kept(
            Confirmation(
                self.id(),
                decision,
                seen,
                self.one(LINES),
                self.maybe(self.one(LINES)),
                named,
                f"signed\n{self.one(LINES)}",
                self.moment(),
                self.had_left_at,
                None if self.had_left_at is None else "Dr. Ada Probe",
            )
        )

    def notice(self) -> NoticeHistory:
        self.arrival += timedelta(seconds=1)
        ids = self.maybe(self.id()), self.maybe(self.id()), self.maybe("b" * 64)
        notice = Notice(self.id(), self.one(NoticeKind), self.one(LINES), self.arrival, *ids)
        return NoticeHistory(notice, self.maybe(self.kept(self.maybe(self.one(LINES)))))


def made(seed: int) -> Made:
    """The record of this seed, the same for ever."""
    make = Maker(seed)
    route = make.one(Route)
    patient_id, course_id = make.id(), make.maybe(make.id())
    weights = [make.maybe(make.amount(200), 0.7) for _ in range(3)]

    def header(revision: int) -> SessionHeader:
        return SessionHeader(
            patient_id=patient_id,
            route=route,
            protocol_id="iv-infusion-example",
            protocol_version=3,
            chair=make.maybe(make.one(WORDS)),
            planned_at=make.maybe(make.moment()),
            course_id=course_id,
            weight_kg=weights[revision - 1],
            had_left_at=make.had_left_at,
        )

    headers = make.revisions(header)
    screenings = make.revisions(lambda _: make.screening())
    clearances = make.revisions(
        lambda _: Clearance(make.maybe(make.moment(-500, 500)), make.maybe(make.one(LINES)), make.items())
    )
    escorts = make.revisions(make.escort)
    courses = make.revisions(
        lambda _: Course(
            patient_id,
            make.chance.randint(1, 12),
            make.maybe(make.chance.randint(0, 9)),
            make.maybe(make.one(LINES)),
        )
    )
    of_course = make.revisions(lambda _: Clearance(make.maybe(make.moment()), make.maybe(make.one(LINES))))
    readings, events = make.facts(24)
    assessments = make.assessments()
    overrides = tuple(
        make.kept(ScreeningOverride((*Exclusion,)[3 : 3 + count], make.one(LINES), same_day=make.items()), count)
        for count in (1, 2)[: make.one((0, 1, 2))]
    )
    seen = assessments[-1].digest if assessments else "c" * 64
    confirmations = tuple(make.confirmation(seen) for _ in range(make.one((0, 1, 2))))
    left = Discharge(make.moment(), make.often(0.5), make.maybe(make.one(LINES)), make.maybe(make.moment()))
    left = replace(left, signed_afterwards=make.had_left_at is not None)
    screened, cleared, escorted = make.often(0.7), make.often(0.7), make.often(0.7)
    forms = make.revisions(lambda _: make.form_answers())
    asked = make.often(0.5)
    cleared_course = course_id is not None and make.often(0.6)
    record = SessionRecord(
        id=make.id(),
        headers=headers,
        patients=make.revisions(make.patient),
        courses=courses if course_id is not None else (),
        screenings=screenings if screened else (),
        overrides=overrides,
        clearances=clearances if cleared else (),
        course_clearances=of_course if cleared_course else (),
        events=events,
        readings=readings,
        escorts=escorts if escorted else (),
        form_answers=forms if asked else (),
        assessments=assessments,
        confirmations=confirmations,
        notices=tuple(make.notice() for _ in range(make.one((0, 1, 2)))),
        discharge=make.maybe(make.kept(left), 0.4),
    )
    return Made(record, Clinic(make.id(), make.one(WORDS), make.one(("UTC", "America/New_York"))))


SHEETS = ("headers", "patients", "courses", "screenings", "clearances", "course_clearances", "escorts", "form_answers")


def newest_sheets(record: SessionRecord, *names: str) -> SessionRecord:
    """The record with the newest revision alone of these sheets (all where none is named)."""
    return replace(record, **{name: getattr(record, name)[-1:] for name in names or SHEETS})


def newest_only(made_one: Made) -> SessionRecord:
    """The record without the revisions before the newest of each reading and sheet."""
    readings = tuple(replace(one, revisions=one.revisions[-1:]) for one in made_one.record.readings)
    return replace(newest_sheets(made_one.record), readings=readings)


def plain(document: Any) -> Any:
    """A document as it is when it has been kept and read again."""
    return json.loads(json.dumps(document))
