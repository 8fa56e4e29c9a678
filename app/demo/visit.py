"""One session from check-in to discharge, as the people in it live it.

Nurse and clinician act by what they see (the patient, and the service's answers). The patient's truth and the story
are the simulator's; `Visit` keeps them beside every reading that was sent, for the reckoning at the end.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from random import Random
from typing import Any
from uuid import UUID

from app.demo.agenda import Turn
from app.demo.api_client import Document, Refused
from app.demo.bedside import Bedside
from app.demo.clinic import SimulatedClinic, Treated
from app.demo.curves import Bump, Levels, not_recovered
from app.demo.papers import ENROLLED, form_answers
from app.demo.stories import Plan, Slip
from app.demo.visitor import LOOK_AGAIN, TO_LEAVE, TO_OPEN, TO_SIGN
from app.domain.events import Route
from app.domain.readings import Phase
from app.domain.screening import Exclusion

Steps = Generator[datetime, datetime, datetime]
"""Like a turn, but hands back the instant at which it ended."""

MINUTE = timedelta(minutes=1)
MUST_HOLD = (
    "dose-finished", "clocks-certain", "minutes-since-dose", "symptoms-settled", "medication-settled",
    "concerns-acknowledged", "escort-present", "fresh",
)  # fmt: skip
"""What no clinician of this clinic overrides."""
REBOUND_MINUTES = 22.0
OWN_WORDS = "Examined: awake, orientated, walks the corridor steadily, no dissociation, feels like before."


class Task(IntEnum):
    """What may be next in recovery; of equal instants the lower comes first."""

    ESCORT = 0
    SET = 1
    CORRECTION = 2
    CLINICIAN = 3
    DISCHARGE = 4
    WALK_OUT = 5


@dataclass(frozen=True, slots=True)
class Signed:
    """What the clinician decided, and when."""

    decision: str
    at: datetime


class Visit:
    """A session to be played."""

    def __init__(
        self, plan: Plan, treated: Treated, clinic: SimulatedClinic, chance: Random, chair: str, seed_id: UUID
    ) -> None:
        self.plan = plan
        self.treated = treated
        self.clinic = clinic
        self.chance = chance
        self.chair = chair
        self.id = seed_id
        self.nurse = chance.choice(clinic.of_role("nurse"))
        self.clinician = chance.choice(clinic.of_role("clinician"))
        self.bedside = Bedside(self)
        self.dose_at: datetime | None = None
        self.finished = False
        self.signed: list[Signed] = []
        self._own_signatures: set[str] = set()
        self._signed_by_hand = False
        self._flag = False
        self._flag_since: datetime | None = None
        self._flags_seen = 0
        self._steady_from: datetime | None = None
        self._todo: dict[Task, datetime] = {}

    # --- the whole day -----------------------------------------------------------------------------------------------
    def play(self, arrival: datetime) -> Turn:
        """Yields the instants at which somebody does the next thing."""
        now = yield arrival
        self._check_in(now)
        now = yield from self._until_the_dose(now)
        if self.dose_at is not None:
            ended = yield from self._dose(now)
            yield from self._recovery(ended)
        self.finished = True
        self.treated.here = False

    def minute(self, at: datetime) -> float:
        """Minutes from the dose's start; negative before it."""
        start = self.dose_at or at + 60 * MINUTE
        return (at - start) / MINUTE

    # --- before ------------------------------------------------------------------------------------------------------
    def _check_in(self, now: datetime) -> None:
        person, api = self.treated.person, self.clinic.api
        api.put(self.nurse, f"/v1/patients/{person.id}", person.sheet())
        answer = api.post(self.nurse, "/v1/patients/search", {"text": person.record_number})
        found = [item for item in answer["items"] if item["id"] == str(person.id)]
        if not found:
            self.clinic.defect("a patient who was just entered is not found by the record number")
        elif self.treated.alike and str(self.treated.alike) not in {one["id"] for one in found[0]["look_alikes"]}:
            self.clinic.defect("a look-alike is not marked")
        course = self.treated.course_id
        if course is not None and self.treated.sessions == 1:
            sheet = {"patient_id": str(person.id), "planned_sessions": 8, "interval_days": 4}
            api.put(self.nurse, f"/v1/courses/{course}", sheet)
            until = self.bedside.stamp(now + timedelta(days=90))
            api.put(self.clinician, f"/v1/courses/{course}/clearance", {"until": until})
        header: dict[str, Any] = {
            "patient_id": str(person.id),
            "route": self.plan.route.value,
            "protocol": self.clinic.protocols[self.plan.route].reference(),
            "chair": self.chair,
            "planned_at": self.bedside.stamp(now),
            "weight_kg": 74.5,
        }
        if course is not None:
            header["course_id"] = str(course)
        api.put(self.nurse, self.path(), header)
        if self.plan.route is Route.INTRANASAL:
            self._ask_for_the_form()
        self.bedside.event(now, "checked-in")
        answers = {
            exclusion.value: exclusion is Exclusion.PREGNANCY and Slip.EXCLUDED in self.plan.slips
            for exclusion in Exclusion
        }
        items = self.clinic.protocols[self.plan.route].same_day
        check = {"same_day": dict.fromkeys(items, "right"), "asked_at": self.bedside.stamp(now)} if items else {}
        api.put(self.nurse, self.path("screening"), {"answers": answers, **check})
        if course is None:
            api.put(self.clinician, self.path("clearance"), {"note": "seen today"})

    def _ask_for_the_form(self) -> None:
        """What no reading will say: asked at the beginning, as long as there is time."""
        treated, api = self.treated, self.clinic.api
        treated.nasal += 1
        api.put(self.nurse, f"/v1/patients/{treated.person.id}/programme", ENROLLED)
        answers = form_answers(treated.person, self.nurse.name, first=treated.nasal == 1)
        api.put(self.nurse, self.path("form-answers"), answers)

    def _until_the_dose(self, now: datetime) -> Steps:
        """Two baseline sets, sometimes three, then the dose, unless screening stops it."""
        for _ in range(self.chance.choice((2, 2, 3))):
            now = yield now + self._about(5)
            now = yield from self._set(now, Phase.BASELINE)
        now = yield now + self._about(3)
        if Slip.EXCLUDED in self.plan.slips:
            try:
                self._give(now)
            except Refused:
                pass
            else:
                self.clinic.defect("a dose was taken in spite of an exclusion that nobody overrode")
            self.dose_at = None
            now = yield now + self._about(5)
            self.bedside.event(now, "cancelled")
            return now
        self._give(now)
        return now

    def _give(self, now: datetime) -> None:
        self.dose_at = now
        if self.plan.route is Route.INTRANASAL:
            self.bedside.event(now, "nasal-device-given", {"dose_mg": 28, "lot": "DEMO-N1"})
        else:
            self.bedside.event(now, "infusion-started", {"dose_mg": 37.25, "planned_minutes": 40, "lot": "DEMO-K1"})

    # --- the dose ----------------------------------------------------------------------------------------------------
    def _dose(self, now: datetime) -> Steps:
        ends = now + self.plan.dose_minutes * MINUTE
        now = yield now + 2 * MINUTE
        if Slip.BASELINE_NOT_ACCEPTED not in self.plan.slips:
            self._accept_baseline_if_unsound(now)
        following = self._dose_start() + self._about(10)
        while following < ends - 2 * MINUTE:
            now = yield following
            now = yield from self._set(now, Phase.INFUSION)
            following += self._about(10)
        now = yield ends
        if self.plan.route is Route.INTRANASAL:
            self.bedside.event(now, "nasal-device-given", {"dose_mg": 28, "lot": "DEMO-N1"})
        else:
            self.bedside.event(now, "infusion-stopped")
        return now

    def _dose_start(self) -> datetime:
        assert self.dose_at is not None
        return self.dose_at

    def _accept_baseline_if_unsound(self, now: datetime) -> None:
        """The clinician looks at the reference values before trusting them."""
        baseline = self.clinic.api.get(self.clinician, self.path("readiness"))["baseline"]
        if baseline["sound"] is False and not baseline["accepted"]:
            used = {
                (on["id"], on["revision"])
                for vital in baseline["vitals"].values()
                for on in vital["rests_on"]
                if on["kind"] == "reading"
            }
            readings = [{"id": one, "revision": revision} for one, revision in sorted(used)]
            self.bedside.event(now, "baseline-accepted", {"readings": readings}, who=self.clinician)

    # --- recovery ----------------------------------------------------------------------------------------------------
    def _recovery(self, ended: datetime) -> Steps:
        todo = self._todo
        todo[Task.SET] = ended + self._about(15)
        todo[Task.ESCORT] = ended + self.plan.escort_after * MINUTE
        if Slip.WALKS_OUT in self.plan.slips:
            todo[Task.WALK_OUT] = ended + 33 * MINUTE
        now = ended
        while todo:
            task = min(todo, key=lambda one: (todo[one], one))
            now = yield max(now, todo.pop(task))
            match task:
                case Task.SET:
                    now = yield from self._recovery_set(now, ended)
                case Task.ESCORT:
                    self._escort_comes(now)
                    self._look(now)
                case Task.CORRECTION:
                    self.bedside.correct_gait(now)
                    self._look(now)
                case Task.CLINICIAN:
                    self._clinician_decides(now)
                case Task.DISCHARGE:
                    self._discharge(now)
                case Task.WALK_OUT:
                    self.bedside.event(now, "left-against-advice")
                    todo.clear()
        return now

    def _recovery_set(self, now: datetime, ended: datetime) -> Steps:
        if Slip.REBOUND in self.plan.slips and self._flags_seen == 1 and self._flag:
            self._stand_up_too_early(now)
        at = now
        now = yield from self._set(now, Phase.RECOVERY)
        if Slip.TO_HOSPITAL in self.plan.slips:
            self.bedside.event(now, "transferred", {"to": "hospital, emergency department"})
            self._todo.clear()
            return now
        if Task.DISCHARGE not in self._todo or self._signed_by_hand:
            self._todo[Task.SET] = at + self._about(15)
        self._look(now)
        self._override_where_the_rules_do_not_bend(now, ended)
        return now

    def _stand_up_too_early(self, now: datetime) -> None:
        start = self.minute(now)
        up = Bump(start, start + REBOUND_MINUTES, Levels(systolic=36, diastolic=22, heart_rate=24))
        body = replace(self.plan.body, bumps=(*self.plan.body.bumps, up))
        self.plan = replace(self.plan, body=body, slips=self.plan.slips - {Slip.REBOUND}, clinician_after=3.0)

    def _look(self, now: datetime) -> None:
        """Somebody looks at the board; a flag calls the clinician, a flag gone sends them away again."""
        readiness = self.clinic.api.get(self.nurse, self.path("readiness"))
        flag = readiness["status"] == "met"
        if flag and not self._flag:
            self._flags_seen += 1
            self._flag_since = now
            if self.bedside.gait_to_correct and Task.CORRECTION not in self._todo:
                self._todo[Task.CORRECTION] = now + 4 * MINUTE
        self._flag = flag
        if flag and Task.DISCHARGE not in self._todo:
            after = max(self.plan.clinician_after * MINUTE, self.clinic.visitor.real(TO_OPEN))
            self._todo.setdefault(Task.CLINICIAN, now + after)
        elif not flag:
            self._todo.pop(Task.CLINICIAN, None)

    def _escort_comes(self, now: datetime) -> None:
        body = {"name": "Escort of the demo", "relationship": "friend", "present": False}
        first = self.clinic.api.put(self.nurse, self.path("escort"), body)
        body |= {"present": True, "present_at": self.bedside.stamp(now)}
        self.clinic.api.put(self.nurse, self.path("escort"), body, if_match=first.etag)

    def _clinician_decides(self, now: datetime) -> None:
        record = self.clinic.api.get(self.clinician, self.path())
        readiness = record["readiness"]
        if self._signed_by_whoever_looks_on(record, now) or readiness["status"] != "met":
            return
        if self._left_to_whoever_looks_on(now):
            self._todo[Task.CLINICIAN] = now + self.clinic.visitor.real(LOOK_AGAIN)
            return
        if Slip.DECLINED in self.plan.slips:
            self.plan = replace(self.plan, slips=self.plan.slips - {Slip.DECLINED})
            self._sign(
                "decline", readiness["digest"], now, "The patient does not feel ready yet: look again after a set."
            )
        elif self._sign("confirm", readiness["digest"], now):
            self._todo[Task.DISCHARGE] = now + self.chance.uniform(3, 9) * MINUTE
            self._todo.pop(Task.SET, None)

    def _left_to_whoever_looks_on(self, now: datetime) -> bool:
        """Whether somebody has the chair open, and has not had it open for too long."""
        visitor, lead = self.clinic.visitor, self.clinic.of_role("lead")[0]
        waited = now - (self._flag_since or now)
        return waited < visitor.real(TO_SIGN) and visitor.looks_at(self.id, now, self.clinic.api, lead)

    def _signed_by_whoever_looks_on(self, record: Document, now: datetime) -> bool:
        """Signed by hand: the patient may leave, by that hand or soon by the nurse's; until then sets go on."""
        theirs = [one for one in record["confirmations"] if one["id"] not in self._own_signatures]
        self._signed_by_hand = bool(theirs) and theirs[-1]["decision"] != "decline"
        if self._signed_by_hand:
            self._todo[Task.DISCHARGE] = now + self.clinic.visitor.real(TO_LEAVE)
        return self._signed_by_hand

    def _override_where_the_rules_do_not_bend(self, now: datetime, ended: datetime) -> None:
        """A patient long well whom the rules cannot pass: an athlete, resting dissociation, panic before."""
        well = not not_recovered(self.plan.body, self.minute(now))
        self._steady_from = (self._steady_from or now) if well else None
        waited = self._steady_from is not None and now - self._steady_from >= 40 * MINUTE
        if self._flag or not waited or now - ended < 95 * MINUTE or Task.DISCHARGE in self._todo:
            return
        readiness = self.clinic.api.get(self.clinician, self.path())["readiness"]
        outcomes = {finding["criterion"]: finding["outcome"] for finding in readiness["findings"]}
        if any(outcomes[name] != "met" for name in MUST_HOLD):
            return
        reason = "Looks and measures as always at rest; examined twice; the criteria do not fit this patient."
        if self._sign("override", readiness["digest"], now, reason):
            self._todo[Task.DISCHARGE] = now + self.chance.uniform(3, 9) * MINUTE
            self._todo.pop(Task.SET, None)

    def _sign(self, decision: str, digest: str, now: datetime, reason: str | None = None) -> bool:
        signature = str(self.bedside.new_id(now))
        self._own_signatures.add(signature)
        body = {
            "id": signature,
            "decision": decision,
            "digest": digest,
            "own_assessment": OWN_WORDS if decision != "decline" else "Awake and steady, but says it is too early.",
            "password": self.clinician.password,
        }
        if reason:
            body["reason"] = reason
        try:
            self.clinic.api.post(self.clinician, self.path("confirmations"), body)
        except Refused as refused:
            if refused.status != 409:
                raise
            # something changed between looking and signing: the next set brings them back
            return False
        self.signed.append(Signed(decision, now))
        return True

    def _discharge(self, now: datetime) -> None:
        record = self.clinic.api.get(self.clinician, self.path())
        for notice in record["notices"]:
            if notice["acknowledged"] is None:
                self.clinic.api.post(
                    self.clinician, self.path(f"notices/{notice['id']}/acknowledge"), {"note": "seen at the chair"}
                )
        try:
            self.clinic.api.post(
                self.nurse, self.path("discharge"), {"left_at": self.bedside.stamp(now), "instructions_given": True}
            )
        except Refused as refused:
            if refused.code != "signature-outdated" and not self._signed_by_hand:
                raise
            # what was signed by hand may be taken back by hand too
            self._signed_by_hand = False
            self._todo[Task.SET] = now + 2 * MINUTE
        else:
            self._todo.clear()

    # --- sets --------------------------------------------------------------------------------------------------------
    def _set(self, now: datetime, phase: Phase) -> Steps:
        """Takes a set, types it (now and then some minutes later), and does what it calls for."""
        taken = self.bedside.take(now, phase)
        # where somebody may be looking at the flag, the nurse types at once
        if taken.typed_after and not (self._flag and self.clinic.visitor.pace):
            now = yield now + taken.typed_after * MINUTE
        self.bedside.type_in(taken, now)
        return now

    def _about(self, minutes: float) -> timedelta:
        """About so many minutes: a nurse with four chairs is seldom on the dot."""
        return (minutes + self.chance.uniform(-0.5, 1.5)) * MINUTE

    def path(self, rest: str = "") -> str:
        """The session's address, or one below it."""
        return f"/v1/sessions/{self.id}/{rest}".rstrip("/")
