"""Which reading is the blood pressure before the dose, at about 40 minutes, and before leaving.

A reading counts only with both pressures measured and a certain clock. Of several of one instant, or equally near, the
higher pressure counts: the safer reading of a doubt.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.domain.instants import MINUTE, minutes, to_text
from app.domain.monitoring.fields import Missing, Monitored, Value, on_events, on_readings
from app.domain.readings import Reading

AT, WITHIN = 40, 10
"""Minutes after the first device, by the label's "approximately 40 minutes"; how far from it still counts is ours:
a set that the protocols' fifteen-minute schedule yields is never further away than that."""


def _usable(readings: Iterable[Reading]) -> list[Reading]:
    return [
        one for one in readings if one.systolic is not None and one.diastolic is not None and not one.clock_doubtful
    ]


def _height(reading: Reading) -> tuple[int, int]:
    assert reading.systolic is not None
    assert reading.diastolic is not None
    return reading.systolic, reading.diastolic


def _newest(readings: Iterable[Reading]) -> Reading | None:
    return max(readings, key=lambda one: (one.measured_at, _height(one), one.id.int), default=None)


def _value(reading: Reading, first: datetime) -> Value:
    systolic, diastolic = _height(reading)
    after = (reading.measured_at - first) // MINUTE
    return Value(
        {
            "systolic": systolic,
            "diastolic": diastolic,
            "measured_at": to_text(reading.measured_at),
            "minutes_from_first_device": after,
        },
        f"{systolic}/{diastolic} mmHg",
        on_readings([reading]),
    )


def before(session: Monitored) -> Value | Missing:
    """The newest before the first device, no older than the protocol lets a baseline be."""
    first = session.clock()
    if isinstance(first, Missing):
        return first
    age = session.protocol.baseline.max_age_minutes
    found = _newest(one for one in _usable(session.readings) if first.at - minutes(age) <= one.measured_at < first.at)
    if found is None:
        return Missing(f"no blood pressure was measured in the {age} minutes before the first device")
    return _value(found, first.at)


def _at_forty(session: Monitored, first: datetime) -> Reading | None:
    mark = first + minutes(AT)

    def nearness(one: Reading) -> tuple[timedelta, int, int, timedelta, int]:
        systolic, diastolic = _height(one)
        return abs(one.measured_at - mark), -systolic, -diastolic, mark - one.measured_at, one.id.int

    near = [one for one in _usable(session.while_here()) if abs(one.measured_at - mark) <= minutes(WITHIN)]
    return min(near, key=nearness, default=None)


def at_forty_minutes(session: Monitored) -> Value | Missing:
    """The nearest to 40 minutes after the first device, at most 10 minutes away from it."""
    first = session.clock()
    if isinstance(first, Missing):
        return first
    found = _at_forty(session, first.at)
    if found is None:
        return Missing(
            f"no blood pressure was measured between {AT - WITHIN} and {AT + WITHIN} minutes after the first device",
            on_events([first]),
        )
    return _value(found, first.at)


def leaving(session: Monitored) -> Value | Missing:
    """The newest after the last device, while it was as fresh as the protocol asks; never the one at 40 minutes."""
    first, left = session.clock(), session.left_at
    if isinstance(first, Missing):
        return first
    if left is None:
        return Missing("the patient has not left")
    last = session.dose.last_device
    assert last is not None, "there is a first one"
    after = [one for one in _usable(session.while_here()) if one.measured_at > last.at]
    forty = _at_forty(session, first.at)
    found = _newest(one for one in after if forty is None or one.id != forty.id)
    if found is None and after:
        return Missing("no blood pressure was measured before leaving: the only one counts as at 40 minutes")
    if found is None:
        return Missing("no blood pressure was measured after the last device")
    fresh = session.protocol.fresh_minutes
    if left - found.measured_at > minutes(fresh):
        return Missing(
            f"no blood pressure was measured within {fresh} minutes before leaving; the last one is of "
            f"{to_text(found.measured_at)}",
            on_readings([found]),
        )
    return _value(found, first.at)
