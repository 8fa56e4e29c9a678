"""Patients in chairs, put there past the browser, so that a test can begin where its own question begins."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from app.domain.events import Route
from tests.api.bodies import EXCLUSIONS
from tests.browser.clinic import PASSWORD, Clinic
from tests.factories import SAME_DAY

GOOD: Mapping[str, Any] = {
    "systolic": 124,
    "diastolic": 80,
    "heart_rate": 72,
    "respiratory_rate": 14,
    "spo2": 98,
    "oxygen": {"kind": "room-air"},
    "consciousness": {"scale": "moaas", "score": 5},
    "dissociation": {"grade": "none"},
    "symptoms": [],
    "gait_steady": True,
    "orientated": True,
}


def screened(asked_at: str, present: str = "", route: Route = Route.IV_INFUSION) -> dict[str, Any]:
    """All that is asked before a dose, all right; `present`: an exclusion that is there."""
    same_day = dict.fromkeys(SAME_DAY[route], "right")
    return {"answers": {name: name == present for name in EXCLUSIONS}, "same_day": same_day, "asked_at": asked_at}


LONGEST = ("Wolfeschlegelsteinhausenbergerdorff-Nguyen", "Maximiliana Konstantina Theodora")


@dataclass
class Chair:
    """One patient and their session."""

    clinic: Clinic
    family_name: str
    given_name: str
    birth_date: str
    record_number: str
    patient_id: str = field(default_factory=lambda: str(uuid4()))
    id: str = field(default_factory=lambda: str(uuid4()))

    def known(self) -> "Chair":
        """The patient is in the record; there is no session yet."""
        body = {name: getattr(self, name) for name in ("family_name", "given_name", "birth_date", "record_number")}
        self.clinic.ask(self.clinic.nurse, "PUT", f"/v1/patients/{self.patient_id}", body)
        return self

    def checked_in(self, chair: str, present: str = "") -> "Chair":
        """In a chair, screened and cleared; `present`: an exclusion that is there."""
        body = {
            "patient_id": self.patient_id,
            "route": "iv-infusion",
            "protocol": {"id": "iv-infusion-example", "version": 1},
            "chair": chair,
            "weight_kg": 72.5,
        }
        self._put("", body)
        self.event("checked-in")
        self._put("/screening", screened(self.now(), present))
        self.clinic.ask(self.clinic.clinician, "PUT", f"/v1/sessions/{self.id}/clearance", {})
        return self

    def event(self, kind: str, **detail: object) -> None:
        body = {"kind": kind, "at": self.now(), **({"detail": detail} if detail else {})}
        self._put(f"/events/{uuid4()}", body)

    def start(self) -> None:
        self.event("infusion-started", dose_mg=36, planned_minutes=40)

    def set(self, **other: object) -> str:
        """A set of vitals now, good where nothing else is said; its id."""
        reading_id = str(uuid4())
        self._put(f"/readings/{reading_id}", {**GOOD, "measured_at": self.now(), **other})
        return reading_id

    def correct(self, reading_id: str, reason: str, **other: object) -> None:
        """Corrects a set that nobody has corrected before."""
        body = {"id": str(uuid4()), "reason": reason, "reading": {**GOOD, "measured_at": self.now(), **other}}
        answer = self.clinic.client.post(
            f"{self.clinic.url}/v1/sessions/{self.id}/readings/{reading_id}/corrections",
            json=body,
            headers={"Authorization": f"Bearer {self.clinic.nurse.token}", "If-Match": '"1"'},
        )
        answer.raise_for_status()

    def escort(self, name: str = "A friend") -> None:
        self._put("/escort", {"name": name, "present": True})

    def recovered(self) -> "Chair":
        """From the first set to criteria that are met: 117 minutes of the clinic's clock."""
        pause = self.clinic.clock.forward
        self.set()
        pause(10)
        self.set()
        pause(1)
        self.start()
        pause(40)
        self.event("infusion-stopped")
        pause(50)
        self.set()
        pause(15)
        self.set()
        self.escort()
        pause(1)
        return self

    def discharged(self) -> None:
        """A clinician confirms, and the patient leaves."""
        path, clinician = f"/v1/sessions/{self.id}", self.clinic.clinician
        digest = self.clinic.ask(clinician, "GET", f"{path}/readiness")["digest"]
        word = {"decision": "confirm", "digest": digest, "own_assessment": "alert, steady", "password": PASSWORD}
        self.clinic.ask(clinician, "POST", f"{path}/confirmations", word)
        self.clinic.clock.forward(1)
        leaving = {"left_at": self.now(), "instructions_given": True}
        self.clinic.ask(self.clinic.nurse, "POST", f"{path}/discharge", leaving)

    def read(self) -> dict[str, Any]:
        """The whole record."""
        found: dict[str, Any] = self.clinic.ask(self.clinic.nurse, "GET", f"/v1/sessions/{self.id}")
        return found

    def _put(self, path: str, body: object) -> None:
        self.clinic.ask(self.clinic.nurse, "PUT", f"/v1/sessions/{self.id}{path}", body)

    def now(self) -> str:
        return self.clinic.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def maria(clinic: Clinic) -> Chair:
    return Chair(clinic, "Rivera", "Maria", "1984-03-11", "R-2231").known()


def marta(clinic: Clinic) -> Chair:
    """Easily taken for Maria: a near name, a near birth date, a near number."""
    return Chair(clinic, "Rivera-Lopez", "Marta", "1984-11-03", "R-2213").known()


@dataclass(frozen=True)
class Ward:
    met: Chair
    alike: Chair
    concern: Chair
    overdue: Chair
    new: Chair


def ward(clinic: Clinic, newest: tuple[str, str] = LONGEST) -> Ward:
    """Five chairs, one in each state that a board shows; the newest patient's family and given name may be long."""
    pause = clinic.clock.forward
    met, alike = maria(clinic).checked_in("3"), marta(clinic).checked_in("4")
    overdue = Chair(clinic, "Okafor", "Ngozi", "1991-01-30", "R-3310").known().checked_in("7")
    for each in (met, alike, overdue):
        each.set()
    pause(10)
    for each in (met, alike, overdue):
        each.set()
    pause(1)
    for each in (met, alike, overdue):
        each.start()
    pause(20)
    for each in (met, alike):
        each.set(systolic=138, diastolic=88, heart_rate=80, dissociation={"grade": "moderate"})
    pause(20)
    for each in (met, alike, overdue):
        each.event("infusion-stopped")
    concern = Chair(clinic, "Chen", "Wei", "1977-06-05", "R-1980").known().checked_in("5")
    concern.set()
    pause(10)
    concern.set(systolic=126)
    concern.start()
    pause(38)
    for each in (met, alike):
        each.set(dissociation={"grade": "mild" if each is alike else "none"})
    pause(15)
    concern.set(systolic=182, diastolic=112, heart_rate=96, dissociation={"grade": "moderate"})
    met.set()
    alike.set(dissociation={"grade": "mild"}, gait_steady=False)
    met.escort()
    new = Chair(clinic, *newest, "1969-12-24", "R-0000000123").known().checked_in("12")
    pause(2)
    return Ward(met, alike, concern, overdue, new)
