"""The few words of the spec tables, and the session they make.

Every row starts from the *standard session*, in which everything is met (times are minutes before `as_of`, `m:ss` where
seconds matter, negative after it):

    IV      start at 130, stop at 90; baseline readings b1 at 150 and b2 at 140; sets s1 at 15 and s2 at 3;
            the escort seen at 20; no tablet and no browser. Every reading: 72/min, 122/78 mmHg, 14/min, SpO2 98 on
            room air, MOAA/S 5, dissociation none, symptoms asked and none, gait steady, orientated.
    nasal   the same, with device1 at 130 and device2 at 125 in place of start and stop.

A row changes it by statements, separated by `;` and applied in order:

    reading NAME at T            add a good reading (its phase follows from T)
    NAME at T                    move a reading or an event
    NAME VITAL N                 a vital: heart_rate, systolic, diastolic, respiratory_rate, spo2; `-` for not measured
    NAME oxygen WHAT             `room-air`, litres a minute, `?` (supplemental, flow not given), `-` (not given)
    NAME consciousness SCALE N   `-` for not given, with the reason where there is one; so too dissociation
    NAME dissociation GRADE [INSTRUMENT VERSION SCORE] [items N N ...]      `-` for not given
    NAME symptoms CODE SEVERITY, ...      `none`, `not-asked`; severity `?` for not given
    NAME gait yes|no|-           NAME orientated yes|no|-
    NAME revision N              NAME doubtful
    no NAME                      take a fact away (never entered, or void)
    event NAME KIND [DETAIL] at T         DETAIL: a medication's or symptom's code, litres a minute
    accepted NAME READING.REVISION ...    a clinician's acceptance of these baseline readings (`none` for an empty list)
    acknowledged NAME READING.REVISION.VITAL      a clinician's acknowledgement of that concern
    escort none | unnamed | absent | unseen | seen at T       (absent: named, not here; unseen: here, instant not given)
    tablet NAME heard T unsent N [draft] [pace P]      an enrolled tablet that has the session open, last heard of at T;
                                                       `draft`: an unfinished set lies on it; `pace`: clinic seconds in
                                                       one of the wall's, 1 where not said
    browser NAME heard T unsent N [draft] [pace P]     the same of one that no lead has enrolled
    empty                        take everything away
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from app.domain.events import (
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
)
from app.domain.facts import Escort, Facts, TabletContact
from app.domain.readings import Reading
from app.domain.symptoms import Severity, Symptom, SymptomCode
from app.domain.vitals import (
    Consciousness,
    ConsciousnessScale,
    Dissociation,
    DissociationGrade,
    Oxygen,
    OxygenKind,
    Vital,
)

AS_OF = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
SESSION = uuid5(NAMESPACE_OID, "session")


def named(name: str) -> UUID:
    """The id of the fact with this name."""
    return uuid5(NAMESPACE_OID, name)


def ago(text: str) -> datetime:
    """The instant `text` minutes (or `m:ss`) before `as_of`; negative: after it."""
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    whole, _, seconds = text.partition(":")
    return AS_OF - sign * timedelta(minutes=int(whole), microseconds=int(Decimal(seconds or 0) * 1_000_000))


def good_reading(name: str, at: datetime) -> Reading:
    """A reading in which every item is met against the standard baseline."""
    return Reading(
        id=named(name),
        revision=1,
        measured_at=at,
        heart_rate=72,
        systolic=122,
        diastolic=78,
        respiratory_rate=14,
        spo2=98,
        oxygen=Oxygen(OxygenKind.ROOM_AIR),
        consciousness=Consciousness(ConsciousnessScale.MOAAS, 5),
        dissociation=Dissociation(DissociationGrade.NONE),
        symptoms=(),
        gait_steady=True,
        orientated=True,
    )


def _detail(kind: EventKind, words: list[str]) -> Detail:
    match kind:
        case EventKind.INFUSION_STARTED:
            return DoseStarted(Decimal(35))
        case EventKind.NASAL_DEVICE_GIVEN:
            return DeviceGiven(Decimal(28))
        case EventKind.RATE_CHANGED:
            return RateChanged(Decimal(50))
        case EventKind.MEDICATION_GIVEN:
            return MedicationGiven(words[0])
        case EventKind.OXYGEN_STARTED:
            return OxygenStarted(Decimal(words[0]))
        case EventKind.SYMPTOM_RESOLVED:
            return SymptomResolved(SymptomCode(words[0]))
        case _:
            assert not words, f"{kind} takes no detail: {words}"
            return None


def _symptoms(words: list[str]) -> tuple[Symptom, ...] | None:
    if words == ["not-asked"]:
        return None
    if words == ["none"]:
        return ()
    pairs = [pair.split() for pair in " ".join(words).split(",")]
    return tuple(Symptom(SymptomCode(code), None if how == "?" else Severity(how)) for code, how in pairs)


def _oxygen(word: str) -> Oxygen | None:
    match word:
        case "-":
            return None
        case "room-air":
            return Oxygen(OxygenKind.ROOM_AIR)
        case "?":
            return Oxygen(OxygenKind.SUPPLEMENTAL)
        case _:
            return Oxygen(OxygenKind.SUPPLEMENTAL, Decimal(word))


def _consciousness(words: list[str]) -> Consciousness:
    scale = ConsciousnessScale(words[0])
    return Consciousness(scale, words[1] if scale is ConsciousnessScale.ACVPU else int(words[1]))


def _dissociation(words: list[str]) -> Dissociation:
    grade, rest = DissociationGrade(words[0]), words[1:]
    items: tuple[tuple[int, int], ...] = ()
    if "items" in rest:
        at = rest.index("items")
        items = tuple((number, int(score)) for number, score in enumerate(rest[at + 1 :], start=1))
        rest = rest[:at]
    instrument, version, score = rest or (None, None, None)
    return Dissociation(grade, instrument, version, int(score) if score not in {None, "-"} else None, items)


TRUTH = {"yes": True, "no": False, "-": None}


class Session:
    """A session under change: facts by name."""

    def __init__(self, route: Route) -> None:
        self.readings: dict[str, Reading] = {}
        self.events: dict[str, Event] = {}
        self.tablets: dict[str, TabletContact] = {}
        self.escort: Escort | None = None
        dose = ["event start infusion-started at 130", "event stop infusion-stopped at 90"]
        if route is Route.INTRANASAL:
            dose = ["event device1 nasal-device-given at 130", "event device2 nasal-device-given at 125"]
        sets = [f"reading {name} at {at}" for name, at in (("b1", 150), ("b2", 140), ("s1", 15), ("s2", 3))]
        for statement in (*dose, *sets, "escort seen at 20"):
            self.apply(statement)

    def apply(self, statement: str) -> None:
        """Change the session by one statement."""
        words = statement.split()
        verb: Callable[[list[str]], None] | None = getattr(self, f"_{words[0]}", None)
        if verb is not None:
            verb(words[1:])
        elif words[0] in self.readings:
            name = words[0]
            self.readings[name] = replace(self.readings[name], **self._change(words[1], words[2:]))
        else:
            name, at = words[0], words.index("at") if "at" in words else None
            if words[1] == "doubtful":
                self.events[name] = replace(self.events[name], clock_doubtful=True)
            else:
                assert at == 1, f"not understood: {statement}"
                self.events[name] = replace(self.events[name], at=ago(words[2]))

    def facts(self) -> Facts:
        """The session as it stands."""
        return Facts(
            session_id=SESSION,
            events=tuple(self.events.values()),
            readings=tuple(self.readings.values()),
            escort=self.escort,
            tablets=tuple(self.tablets.values()),
        )

    @staticmethod
    def _change(what: str, words: list[str]) -> dict[str, Any]:
        match what:
            case "at":
                return {"measured_at": ago(words[0])}
            case "oxygen":
                return {"oxygen": _oxygen(words[0])}
            case "consciousness" | "dissociation" if words[0] == "-":
                return {what: None, "not_measured": ((what, " ".join(words[1:])),) if words[1:] else ()}
            case "consciousness":
                return {"consciousness": _consciousness(words)}
            case "dissociation":
                return {"dissociation": _dissociation(words)}
            case "symptoms":
                return {"symptoms": _symptoms(words)}
            case "gait":
                return {"gait_steady": TRUTH[words[0]]}
            case "orientated":
                return {"orientated": TRUTH[words[0]]}
            case "revision":
                return {"revision": int(words[0])}
            case "doubtful":
                return {"clock_doubtful": True}
            case _ if words[0] == "-":
                why = ((what, " ".join(words[1:])),) if words[1:] else ()
                return {Vital(what).value: None, "not_measured": why}
            case _:
                return {Vital(what).value: int(words[0])}

    def _reading(self, words: list[str]) -> None:
        name, at = words[0], words[2]
        self.readings[name] = good_reading(name, ago(at))

    def _event(self, words: list[str]) -> None:
        name, kind, at = words[0], EventKind(words[1]), words.index("at")
        self.events[name] = Event(named(name), kind, ago(words[at + 1]), _detail(kind, words[2:at]))

    def _accepted(self, words: list[str]) -> None:
        refs = [word.split(".") for word in words[1:] if word != "none"]
        detail = BaselineAccepted(tuple(ReadingRef(named(name), int(revision)) for name, revision in refs))
        self.events[words[0]] = Event(named(words[0]), EventKind.BASELINE_ACCEPTED, ago("2"), detail)

    def _acknowledged(self, words: list[str]) -> None:
        name, revision, vital = words[1].split(".")
        detail = ConcernAcknowledged(f"{named(name)}.{revision}.{vital}")
        self.events[words[0]] = Event(named(words[0]), EventKind.CONCERN_ACKNOWLEDGED, ago("2"), detail)

    def _escort(self, words: list[str]) -> None:
        match words:
            case ["none"]:
                self.escort = None
            case ["unnamed"]:
                self.escort = Escort(" ", present=True, present_at=ago("20"))
            case ["absent"]:
                self.escort = Escort("A. Friend", present=False, present_at=None)
            case ["unseen"]:
                self.escort = Escort("A. Friend", present=True, present_at=None)
            case ["seen", "at", at]:
                self.escort = Escort("A. Friend", present=True, present_at=ago(at))
            case _:
                raise AssertionError(f"not understood: escort {words}")

    def _tablet(self, words: list[str], *, enrolled: bool = True) -> None:
        name, _, heard, _, unsent, *rest = words
        draft, rest = rest[:1] == ["draft"], rest[rest[:1] == ["draft"] :]
        assert not rest or rest[0] == "pace", f"not understood: {words}"
        pace = int(rest[1]) if rest else 1
        self.tablets[name] = TabletContact(named(name), ago(heard), int(unsent), draft, enrolled, pace)

    def _browser(self, words: list[str]) -> None:
        self._tablet(words, enrolled=False)

    def _no(self, words: list[str]) -> None:
        for kept in (self.readings, self.events, self.tablets):
            if words[0] in kept:
                del kept[words[0]]
                return
        raise AssertionError(f"nothing is called {words[0]}")

    def _empty(self, _words: list[str]) -> None:
        self.readings, self.events, self.tablets, self.escort = {}, {}, {}, None


def session(route: Route, *statements: str) -> Facts:
    """The standard session of a route after these statements (each may hold several, separated by `;`)."""
    made = Session(route)
    for statement in ";".join(statements).split(";"):
        if statement.strip():
            made.apply(statement.strip())
    return made.facts()
