"""What a nurse does at the chair: takes sets, types them, and acts on what she sees."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.demo.api_client import Account, Document, Refused
from app.demo.chance import seeded_id
from app.demo.charting import Typed, reading_path, stamp, typed
from app.demo.curves import Truth, not_recovered, truth_at
from app.demo.stories import Slip
from app.domain.events import Route
from app.domain.readings import Phase
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import Vital

if TYPE_CHECKING:
    from app.demo.visit import Visit

LATE_SHARE, TWICE_SHARE, SCORED_SHARE = 0.08, 0.05, 0.15
OXYGEN_L_MIN = 2


@dataclass(frozen=True, slots=True)
class Taken:
    """A set as taken: what will be typed, and how many minutes later."""

    id: UUID
    at: datetime
    phase: Phase
    truth: Truth
    reading: Typed
    typed_after: float


@dataclass(slots=True)
class Sent:
    """A reading the service said it kept, as it must be found in the record."""

    id: UUID
    at: datetime
    truth: Truth
    reading: Typed


class Bedside:
    """One nurse, one patient. Keeps what was sent, and what is running or open."""

    def __init__(self, visit: "Visit") -> None:
        self._visit = visit
        self.sent: list[Sent] = []
        self.gait_to_correct: Sent | None = None
        self._oxygen = 0
        self._open: dict[SymptomCode, Severity] = {}
        self._given: set[str] = set()
        self._slips = set(visit.plan.slips)
        # one thing goes wrong at a time: where the story has a slip, everything else is typed at once
        self._types_late = not visit.plan.slips
        self._zone = visit.clinic.zone if visit.chance.random() < 0.5 else None

    def new_id(self, at: datetime) -> UUID:
        """An id for something new, made here and now."""
        return seeded_id(self._visit.chance, at)

    def stamp(self, at: datetime) -> str:
        """An instant as this nurse's tablet stamps it: its clock may run ahead."""
        return stamp(at + self._visit.plan.tablet_ahead, self._zone)

    def event(self, at: datetime, kind: str, detail: Document | None = None, *, who: Account | None = None) -> None:
        """Something given or done."""
        body: Document = {"kind": kind, "at": self.stamp(at)}
        if detail is not None:
            body["detail"] = detail
        visit = self._visit
        visit.clinic.api.put(who or visit.nurse, visit.path(f"events/{self.new_id(at)}"), body)

    # --- one set -----------------------------------------------------------------------------------------------------
    def take(self, now: datetime, phase: Phase) -> Taken:
        """Measures and looks; closes what is over before writing the set down."""
        visit = self._visit
        minute = visit.minute(now)
        truth = truth_at(visit.plan.body, minute, self._oxygen)
        self._note_what_is_over(truth, now)
        scored = visit.chance.random() < SCORED_SHARE
        fault = self._probe_fault(phase, minute)
        reading = typed(truth, self.stamp(now), phase, self._oxygen, visit.chance, scored=scored, probe_fault=fault)
        late = 0.0
        if visit.chance.random() < LATE_SHARE and self._types_late:
            late = visit.chance.uniform(3, 8)
        return Taken(self.new_id(now), now, phase, truth, reading, late)

    def type_in(self, taken: Taken, now: datetime) -> None:
        """Types the set, wrongly first where the story says so, and acts on it."""
        visit, reading = self._visit, taken.reading
        if taken.phase is Phase.RECOVERY:
            self._type_it_wrong(taken)
            if self._says_steady_too_early(taken):
                reading = {**reading, "gait_steady": True}
        kept = self._send(taken.id, reading)
        sent = Sent(taken.id, taken.at, taken.truth, reading)
        if reading is not taken.reading and reading.get("gait_steady") != taken.reading.get("gait_steady"):
            self.gait_to_correct = Sent(taken.id, taken.at, taken.truth, taken.reading)
        self.sent.append(sent)
        if visit.chance.random() < TWICE_SHARE:
            self._send(taken.id, reading)
        for code, severity in ((one.code, one.severity) for one in taken.truth.complaints):
            self._open[code] = severity
        self._acknowledge(kept, now)
        self._treat(taken, now)

    def correct_gait(self, now: datetime) -> None:
        """The nurse notices that a set says steady where the patient was not."""
        wrong = self.gait_to_correct
        if wrong is None:
            return
        self.gait_to_correct = None
        visit = self._visit
        visit.clinic.api.post(
            visit.nurse,
            reading_path(visit.id, wrong.id) + "/corrections",
            {"id": str(self.new_id(now)), "reason": "typed steady, was unsteady", "reading": wrong.reading},
        )
        self.sent = [wrong if one.id == wrong.id else one for one in self.sent]

    def _send(self, reading_id: UUID, reading: Typed) -> Document:
        """Sends until the service keeps it: an unlikely value is looked at again and confirmed."""
        visit = self._visit
        path = reading_path(visit.id, reading_id)
        try:
            return visit.clinic.api.put(visit.nurse, path, reading).document
        except Refused as refused:
            unlikely = sorted({str(error["field"]).split(".")[0] for error in refused.errors} & set(Vital))
            if refused.code != "confirm-unlikely" or not unlikely:
                raise
        reading["confirmed_unlikely"] = unlikely
        return visit.clinic.api.put(visit.nurse, path, reading).document

    # --- what goes wrong, once ---------------------------------------------------------------------------------------
    def _once(self, slip: Slip) -> bool:
        if slip in self._slips:
            self._slips.remove(slip)
            return True
        return False

    def _probe_fault(self, phase: Phase, minute: float) -> bool:
        ready = phase is Phase.RECOVERY and minute >= self._visit.plan.dose_minutes + 55
        return ready and self._once(Slip.PROBE_FAULT)

    def _type_it_wrong(self, taken: Taken) -> None:
        """Refused, and nothing kept; the same set is then typed right."""
        reading = taken.reading
        if self._once(Slip.TYPED_1200):
            self._must_be_refused(taken.id, {**reading, "systolic": 1200}, "a systolic of 1200 was taken")
        if self._once(Slip.SWAPPED):
            swapped = {**reading, "systolic": reading["diastolic"], "diastolic": reading["systolic"]}
            self._must_be_refused(taken.id, swapped, "swapped pressures were taken")

    def _must_be_refused(self, reading_id: UUID, reading: Typed, otherwise: str) -> None:
        visit = self._visit
        try:
            visit.clinic.api.put(visit.nurse, reading_path(visit.id, reading_id), reading)
        except Refused as refused:
            if refused.status != 422:
                raise
        else:
            visit.clinic.defect(otherwise)

    def _says_steady_too_early(self, taken: Taken) -> bool:
        """The one thing still wrong is the gait, and the nurse taps *steady*."""
        if Slip.GAIT_TYPED_STEADY not in self._slips or taken.reading.get("gait_steady"):
            return False
        only_gait = not_recovered(self._visit.plan.body, self._visit.minute(taken.at)) == ("gait unsteady",)
        # the next set must find the patient truly steady: only then is it the correction that takes the flag away
        soon = self._visit.plan.body.gait_steady - self._visit.minute(taken.at) < 13
        return only_gait and soon and self._once(Slip.GAIT_TYPED_STEADY)

    # --- what a set calls for ----------------------------------------------------------------------------------------
    def _note_what_is_over(self, truth: Truth, now: datetime) -> None:
        """Asked first: a symptom that is gone is closed half a minute before the set that no longer names it."""
        here = {one.code for one in truth.complaints}
        for code in [code for code in self._open if code not in here]:
            del self._open[code]
            self.event(now - timedelta(seconds=30), "symptom-resolved", {"code": code.value})

    def _acknowledge(self, kept: Document, now: datetime) -> None:
        """The clinician looks at every value that the protocol wants looked at."""
        for concern in kept.get("concerns", []):
            if concern["must_be_acknowledged"] and concern["acknowledged_by"] is None:
                self.event(now, "concern-acknowledged", {"concern_id": concern["id"]}, who=self._visit.clinician)

    def _treat(self, taken: Taken, now: datetime) -> None:
        spo2 = taken.reading["spo2"]
        if spo2 is not None and spo2 < 92 and not self._oxygen:
            self._oxygen = OXYGEN_L_MIN
            self.event(now, "oxygen-started", {"flow_l_min": OXYGEN_L_MIN})
        elif spo2 is not None and spo2 >= 97 and self._oxygen and taken.phase is Phase.RECOVERY:
            self._oxygen = 0
            self.event(now, "oxygen-stopped")
        named = {one.code: one.severity for one in taken.truth.complaints}
        if named.get(SymptomCode.NAUSEA) in (Severity.MODERATE, Severity.SEVERE):
            self._medicate("ondansetron", 4, now)
        if Slip.MIDAZOLAM in self._slips and SymptomCode.AGITATION in named:
            self._slips.remove(Slip.MIDAZOLAM)
            self._medicate("midazolam", 2, now)
        if Slip.LABETALOL in self._slips and taken.reading["systolic"] >= 180:
            self._slips.remove(Slip.LABETALOL)
            self._medicate("labetalol", 10, now)

    def _medicate(self, code: str, dose_mg: int, now: datetime) -> None:
        if code not in self._given:
            self._given.add(code)
            by = "iv" if self._visit.plan.route is Route.IV_INFUSION else "oral"
            self.event(now, "medication-given", {"code": code, "dose": dose_mg, "unit": "mg", "route": by})
