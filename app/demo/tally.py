"""What the record says, beside the truth only the simulator knows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from app.demo.api_client import Document
from app.demo.clinic import SimulatedClinic
from app.demo.curves import not_recovered, recovered_since
from app.demo.visit import Visit
from app.domain.instants import from_text

MINUTE = timedelta(minutes=1)
INSTANTS = frozenset({"measured_at", "onset"})
UNORDERED = frozenset({"symptoms", "confirmed_unlikely"})
SHOWN_CRITERIA = ("heart-rate-recovered", "systolic-recovered", "dissociation-absent", "gait-steady", "sustained")


@dataclass(frozen=True, slots=True)
class FalseReady:
    """A flag that stood while the patient had truly not recovered, with what it rested on."""

    session: str
    story: str
    at: datetime
    truth: tuple[str, ...]
    evidence: tuple[str, ...]

    def lines(self) -> list[str]:
        """For a person to judge."""
        head = f"session {self.session} ({self.story}) at {self.at.isoformat()}: truly {', '.join(self.truth)}"
        return [head, *(f"    the record says: {sentence}" for sentence in self.evidence)]


@dataclass(slots=True)
class Tally:
    """The counts of one run."""

    sessions: int = 0
    unusual: int = 0
    unfinished: int = 0
    raised: int = 0
    withdrawn: int = 0
    confirmed: int = 0
    overridden: int = 0
    declined: int = 0
    discharged: int = 0
    minutes_to_flag: list[float] = field(default_factory=list)
    false_readies: list[FalseReady] = field(default_factory=list)
    readings_sent: int = 0
    readings_found: int = 0
    lost: list[str] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """No false ready, nothing lost, nothing taken that must be refused, every session played to its end."""
        return not (self.false_readies or self.lost or self.defects or self.unfinished)

    def rows(self) -> list[tuple[str, str]]:
        """The one table."""
        ordered = sorted(self.minutes_to_flag)
        return [
            ("sessions", f"{self.sessions} ({self.unusual} unusual)"),
            ("flags raised", str(self.raised)),
            ("flags withdrawn", str(self.withdrawn)),
            ("confirmed", str(self.confirmed)),
            ("overridden", str(self.overridden)),
            ("declined", str(self.declined)),
            ("discharged", str(self.discharged)),
            ("minutes from true recovery to flag, median", f"{median(ordered):.1f}" if ordered else "-"),
            ("minutes from true recovery to flag, p90", f"{_p90(ordered):.1f}" if ordered else "-"),
            ("minutes from true recovery to flag, max", f"{ordered[-1]:.1f}" if ordered else "-"),
            ("false readies", str(len(self.false_readies))),
            ("readings sent", str(self.readings_sent)),
            ("readings found in the record", str(self.readings_found)),
        ]

    # --- counting ----------------------------------------------------------------------------------------------------
    def count(self, visit: Visit, clinic: SimulatedClinic) -> None:
        """Asks the service for all it holds of one session, as an auditor, and compares."""
        auditor = clinic.of_role("auditor")[0]
        record = clinic.api.get(auditor, visit.path())
        assessments = clinic.api.every(auditor, visit.path("assessments"))
        if record["demo"] is not True:
            self.defects.append(f"session {visit.id} is not marked as a demo's")
        self.sessions += 1
        self.unusual += visit.plan.story.value not in ("ordinary", "nasal")
        self.unfinished += not visit.finished
        decisions = [one["decision"] for one in record["confirmations"]]
        self.confirmed += decisions.count("confirm")
        self.overridden += decisions.count("override")
        self.declined += decisions.count("decline")
        self.discharged += record["discharge"] is not None
        self._count_flags(visit, record, assessments)
        self._count_readings(visit, record)

    def _count_flags(self, visit: Visit, record: Document, assessments: list[Document]) -> None:
        intervals = flags(assessments)
        self.raised += len(intervals)
        self.withdrawn += sum(1 for _, end in intervals if end is not None)
        if intervals:
            first = visit.minute(intervals[0][0])
            self.minutes_to_flag.append(first - recovered_since(visit.plan.body, first))
        closed = left_at(record)
        for start, end in intervals:
            found = _first_false(visit, start, end or closed or start)
            if found is not None:
                at, truth = found
                evidence = _evidence(assessments, at)
                story = visit.plan.story.value
                self.false_readies.append(FalseReady(str(visit.id), story, at, truth, evidence))

    def _count_readings(self, visit: Visit, record: Document) -> None:
        held = {one["id"]: one for one in record["readings"]}
        for sent in visit.bedside.sent:
            self.readings_sent += 1
            kept = held.get(str(sent.id))
            if kept is not None and same(sent.reading, kept):
                self.readings_found += 1
            else:
                what = "is not in the record" if kept is None else "is in the record with another content"
                self.lost.append(f"session {visit.id}: the reading {sent.id} of {sent.reading['measured_at']} {what}")


def flags(assessments: list[Document]) -> list[tuple[datetime, datetime | None]]:
    """From when to when a flag stood, in order; an open end is None."""
    found: list[tuple[datetime, datetime | None]] = []
    for one in sorted(assessments, key=lambda held: int(held["number"])):
        if one["change"] == "raised":
            found.append((from_text(one["as_of"]), None))
        elif one["change"] == "withdrawn":
            found[-1] = (found[-1][0], from_text(one["as_of"]))
    return found


def left_at(record: Document) -> datetime | None:
    """When the patient was discharged; None where they were not."""
    discharge = record["discharge"]
    return from_text(discharge["left_at"]) if discharge else None


def _first_false(visit: Visit, start: datetime, end: datetime) -> tuple[datetime, tuple[str, ...]] | None:
    """The first look, every half minute from raising to withdrawal or leaving, that finds the patient not recovered."""
    at = start
    while at < end or at == start:
        truth = not_recovered(visit.plan.body, visit.minute(at))
        if truth:
            return at, truth
        at += MINUTE / 2
    return None


def _evidence(assessments: list[Document], at: datetime) -> tuple[str, ...]:
    """What the flag that stood at `at` said."""
    standing = [one for one in assessments if from_text(one["as_of"]) <= at]
    newest = max(standing, key=lambda one: int(one["number"]))
    return tuple(one["because"] for one in newest["findings"] if one["criterion"] in SHOWN_CRITERIA)


def same(sent: object, kept: object, name: str = "") -> bool:
    """Whether everything sent is in what was kept. An absent field is null; an instant may be spelt in another zone."""
    match sent, kept:
        case dict(), dict():
            return all(same(value, kept.get(key), key) for key, value in sent.items())
        case list(), list() if name in UNORDERED:
            return _same_in_any_order(sent, kept)
        case list(), list():
            return len(sent) == len(kept) and all(same(a, b) for a, b in zip(sent, kept, strict=True))
        case str(), str() if name in INSTANTS:
            return from_text(sent) == from_text(kept)
        case _:
            return sent == kept and isinstance(sent, bool) == isinstance(kept, bool)


def _same_in_any_order(sent: list[object], kept: list[object]) -> bool:
    left = list(kept)
    for one in sent:
        found = next((place for place, other in enumerate(left) if same(one, other)), None)
        if found is None:
            return False
        del left[found]
    return not left


def _p90(ordered: list[float]) -> float:
    """The nearest rank."""
    return ordered[max(0, -(-9 * len(ordered) // 10) - 1)]
