"""What an assessment says: three-valued findings, a status, and the digest that a signature names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from app.domain.canonical import Document, Json
from app.domain.codes import Code
from app.domain.sentences import Reason, sentence
from app.domain.vitals import Oxygen, Vital


class Outcome(StrEnum):
    """What one criterion comes to: three values, never two."""

    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """What all findings come to: not met if any is not; else cannot tell if any is unknown; else met."""

    MET = "met"
    NOT_MET = "not-met"
    CANNOT_TELL = "cannot-tell"


class Criterion(StrEnum):
    """Permanent ids, never reused. Every protocol is asked all of them."""

    DOSE_FINISHED = "dose-finished"
    CLOCKS_CERTAIN = "clocks-certain"
    MINUTES_SINCE_DOSE = "minutes-since-dose"
    BASELINE_SOUND = "baseline-sound"
    HEART_RATE_RECOVERED = "heart-rate-recovered"
    SYSTOLIC_RECOVERED = "systolic-recovered"
    DIASTOLIC_RECOVERED = "diastolic-recovered"
    RESPIRATORY_RATE_RECOVERED = "respiratory-rate-recovered"
    SPO2_RECOVERED = "spo2-recovered"
    CONSCIOUSNESS_RECOVERED = "consciousness-recovered"
    DISSOCIATION_ABSENT = "dissociation-absent"
    GAIT_STEADY = "gait-steady"
    ORIENTATED = "orientated"
    SUSTAINED = "sustained"
    FRESH = "fresh"
    SYMPTOMS_SETTLED = "symptoms-settled"
    MEDICATION_SETTLED = "medication-settled"
    CONCERNS_ACKNOWLEDGED = "concerns-acknowledged"
    ESCORT_PRESENT = "escort-present"
    TABLETS_IN_STEP = "tablets-in-step"


class RestsOn(NamedTuple):
    """One fact a finding rests on. Sheets (escort) carry their revision too; events have revision 1."""

    kind: Literal["reading", "event", "escort", "tablet"]
    id: str
    revision: int


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion's outcome: a code, what it saw, and what that was held against. `because` is formed from them.

    Parameters hold instants, never ages, so that a finding does not age by itself.
    """

    criterion: Criterion
    outcome: Outcome
    code: Code
    params: Mapping[str, Json]
    rests_on: tuple[RestsOn, ...]
    limits: Mapping[str, Json]

    @property
    def because(self) -> str:
        """The sentence."""
        return sentence(self.code, self.params, self.limits)


@dataclass(frozen=True, slots=True)
class BaselineVital:
    """The reference of one vital as (sum, count), compared without rounding; count 0 where it is unknown.

    `reason` says why it is unknown, or from which readings it was taken.
    """

    sum: int
    count: int
    reason: Reason
    rests_on: tuple[RestsOn, ...]

    @property
    def because(self) -> str:
        """The reason in words."""
        return self.reason.words

    @property
    def known(self) -> bool:
        """Whether there is a reference at all."""
        return self.count > 0

    @property
    def shown(self) -> int | None:
        """The mean rounded half up, for display only."""
        return (2 * self.sum + self.count) // (2 * self.count) if self.count else None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The patient's reference values for this session, and whether they can be trusted as a reference."""

    vitals: Mapping[Vital, BaselineVital]
    oxygen: Oxygen | None
    """The one kind of oxygen the SpO2 readings shared, with its highest flow; None where unknown."""
    sound: bool | None
    """True, False (a clinician must accept it), or None where it cannot be formed."""
    accepted: bool
    """A clinician accepted exactly the readings and revisions it uses."""
    reason: Reason
    rests_on: tuple[RestsOn, ...]

    @property
    def because(self) -> str:
        """The reason in words."""
        return self.reason.words


@dataclass(frozen=True, slots=True)
class Assessment:
    """All findings at one instant.

    `lapses_at`: when met, the first instant at which time alone ends it. `earliest_met_at`: the earliest instant at
    which the status could be met if all goes well; None where time and good sets cannot mend it. `next_change_at`:
    the first instant after `as_of` at which time alone changes any outcome; `next_if_heard_at`: the same, were no
    tablet to fall silent before. `digest` covers `document`.
    """

    status: Status
    as_of: datetime
    findings: tuple[Finding, ...]
    baseline: Baseline
    rules: str
    protocol_id: str
    protocol_version: int
    protocol_hash: str
    lapses_at: datetime | None
    earliest_met_at: datetime | None
    next_change_at: datetime | None
    next_if_heard_at: datetime | None
    document: Document
    """What the digest covers: rules, protocol, as_of, inputs with revisions, findings (see `readiness`)."""
    digest: str

    def outcomes(self) -> dict[Criterion, Outcome]:
        """Each criterion's outcome."""
        return {finding.criterion: finding.outcome for finding in self.findings}


def outcomes_in(findings: Mapping[str, Document]) -> dict[str, str]:
    """Each criterion's outcome among findings as they are kept, in their order."""
    return {name: str(one["outcome"]) for name, one in findings.items()}
