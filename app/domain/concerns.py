"""Concerns: values a nurse is shown at once, and which of them a clinician must acknowledge.

The third layer of limits: a concerning value is true, and kept; nothing stands between it and the record.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from app.domain.assessment import Baseline
from app.domain.codes import Code
from app.domain.events import ConcernAcknowledged, Event
from app.domain.instants import to_text
from app.domain.protocol.values import ConcernLimits
from app.domain.readings import Reading
from app.domain.sentences import Reason
from app.domain.vitals import Vital


@dataclass(frozen=True, slots=True)
class Concern:
    """One value outside the protocol's concern limits.

    `id` names reading, revision and vital, so that a corrected value is looked at anew. `must_be_acknowledged` is the
    protocol's word; `acknowledged_by` the event of a clinician who did.
    """

    id: str
    reading_id: UUID
    revision: int
    measured_at: datetime
    vital: Vital
    value: int
    reason: Reason
    must_be_acknowledged: bool
    acknowledged_by: UUID | None

    @property
    def because(self) -> str:
        """The reason in words."""
        return self.reason.words

    @property
    def waits(self) -> bool:
        """Whether a clinician still has to acknowledge it."""
        return self.must_be_acknowledged and self.acknowledged_by is None


def concern_id(reading: Reading, vital: Vital) -> str:
    """The permanent id of a concern, for example `<uuid>.1.systolic`."""
    return f"{reading.id}.{reading.revision}.{vital.value}"


def _breach(vital: Vital, value: int, limits: ConcernLimits, baseline: Baseline) -> Reason | None:
    """What is concerning about the value, None where nothing is. All limits are inclusive: at the limit is none."""
    reference = baseline.vitals[vital]
    if limits.floor is not None and value < limits.floor:
        return Reason(Code.CONCERN_BELOW, {"limit": limits.floor})
    if limits.ceiling is not None and value > limits.ceiling:
        return Reason(Code.CONCERN_ABOVE, {"limit": limits.ceiling})
    # Two-sided, from the mean as it is kept: (sum, count), never rounded. Without a baseline there is no distance.
    if limits.delta is not None and abs(value * reference.count - reference.sum) > limits.delta * reference.count:
        return Reason(Code.CONCERN_FAR, {"limit": limits.delta, "baseline": reference.shown})
    return None


def concerns(
    readings: Iterable[Reading], events: Sequence[Event], limits: Mapping[Vital, ConcernLimits], baseline: Baseline
) -> tuple[Concern, ...]:
    """Every concern the readings in force raise, in any phase, by time, reading and vital."""
    acknowledged: dict[str, UUID] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id.int)):
        if isinstance(event.detail, ConcernAcknowledged):
            acknowledged.setdefault(event.detail.concern_id, event.id)
    found = []
    for reading in sorted(readings, key=attrgetter("measured_at", "id.int")):
        for vital in Vital:
            value = reading.vital(vital)
            if value is None or vital not in limits:
                continue
            breach = _breach(vital, value, limits[vital], baseline)
            if breach is None:
                continue
            name = concern_id(reading, vital)
            seen = {"id": name, "vital": vital.value, "value": value, "at": to_text(reading.measured_at)}
            found.append(
                Concern(
                    id=name,
                    reading_id=reading.id,
                    revision=reading.revision,
                    measured_at=reading.measured_at,
                    vital=vital,
                    value=value,
                    reason=Reason(breach.code, {**seen, **breach.params}),
                    must_be_acknowledged=limits[vital].acknowledge,
                    acknowledged_by=acknowledged.get(name),
                )
            )
    return tuple(found)
