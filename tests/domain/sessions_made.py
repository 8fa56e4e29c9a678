"""Sessions by chance, said in the words of the spec tables, so that a counterexample reads like a row.

`LAWS_EXAMPLES` asks for more examples a law than the ordinary run's.
"""

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.domain.events import Route
from app.domain.facts import Facts
from app.domain.protocol.values import Protocol
from app.domain.readings import Reading
from tests.spec.language import AS_OF, session
from tests.spec.protocols import PROTOCOLS

law = settings(
    max_examples=int(os.environ.get("LAWS_EXAMPLES", "100")),
    deadline=None,
    derandomize="LAWS_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Made:
    """A session with the words it was made of; `as_of` is the tables'."""

    name: str
    statements: tuple[str, ...]
    protocol: Protocol = field(repr=False)
    facts: Facts = field(repr=False)


def whole(low: int, high: int):
    return st.integers(low, high).map(str)


def at(low: int, high: int):
    """An instant in minutes before `as_of`, at times to the second."""
    seconds = st.sampled_from([":00", ":00", ":00", ":01", ":59", ":30.5"])
    later = st.tuples(whole(low, high), seconds).map(lambda pair: pair[0] + pair[1].replace(":00", ""))
    return later | whole(-2, -1) if low == 0 else later


VITAL_VALUES = {
    "heart_rate": whole(44, 115),
    "systolic": whole(86, 182),
    "diastolic": whole(45, 112),
    "respiratory_rate": whole(7, 25),
    "spo2": whole(90, 100),
}
SYMPTOMS = st.sampled_from(["nausea", "dizziness", "chest-pain", "headache"])
SEVERITIES = st.sampled_from(["mild", "mild", "moderate", "severe", "?"])
NAMED = st.lists(st.tuples(SYMPTOMS, SEVERITIES).map(" ".join), min_size=1, max_size=2).map(", ".join)

CHANGES = st.one_of(
    *(
        st.tuples(st.just(vital), values | values | st.just("-")).map(" ".join)
        for vital, values in VITAL_VALUES.items()
    ),
    st.sampled_from(["oxygen 2", "oxygen 1.5", "oxygen ?", "oxygen -", "oxygen room-air"]),
    st.sampled_from(["consciousness moaas 4", "consciousness acvpu A", "consciousness -", "consciousness moaas 5"]),
    st.sampled_from(["dissociation mild", "dissociation -", "dissociation none cadss 23-item 0"]),
    st.sampled_from(["dissociation none cadss 23-item 2", "dissociation none"]),
    NAMED.map("symptoms {}".format),
    st.sampled_from(["symptoms none", "symptoms not-asked", "gait no", "gait -", "orientated no", "orientated -"]),
    st.sampled_from(["doubtful", "revision 2"]),
)

EVENTS = st.one_of(
    st.tuples(st.sampled_from(["midazolam", "ondansetron", "labetalol", "other"]), at(0, 170)).map(
        lambda pair: f"medication-given {pair[0]} at {pair[1]}"
    ),
    at(0, 150).map("oxygen-started 2 at {}".format),
    at(0, 150).map("oxygen-stopped at {}".format),
    st.tuples(SYMPTOMS, at(0, 120)).map(lambda pair: f"symptom-resolved {pair[0]} at {pair[1]}"),
    st.tuples(SYMPTOMS, at(0, 120)).map(lambda pair: f"symptom-resolved {pair[0]} at {pair[1]}"),
)
DOSES = st.tuples(
    st.sampled_from(["started", "stopped", "paused", "resumed"]).map("infusion-{}".format)
    | st.sampled_from(["rate-changed", "nasal-device-given"]),
    at(0, 150),
).map(" at ".join)

OTHERS = st.one_of(
    st.sampled_from(["escort none", "escort absent", "escort seen at 95", "escort seen at 1", "escort unseen"]),
    st.tuples(
        st.sampled_from(["tablet t", "tablet u", "browser u", "browser p"]),
        st.tuples(at(0, 3), st.just("")) | st.tuples(at(100, 130), st.just(" pace 60")),
        st.sampled_from(["0", "0", "0", "1", "0 draft"]),
    ).map(lambda three: f"{three[0]} heard {three[1][0]} unsent {three[2]}{three[1][1]}"),
    st.sampled_from(["accepted a b1.1 b2.1", "accepted a b1.2 b2.1", "accepted a b1.1"]),
    st.sampled_from(["acknowledged c s1.1.systolic", "acknowledged c s2.1.systolic", "acknowledged c b1.1.heart_rate"]),
)


def few(strategy, most: int):
    """Mostly none: what is met must be met often, or the laws about it say nothing."""
    return st.just([]) | st.lists(strategy, max_size=most)


@st.composite
def made(draw, names: tuple[str, ...] = tuple(PROTOCOLS)) -> Made:
    """A session not far from the standard one, under any protocol of the tables."""
    name = draw(st.sampled_from(names))
    protocol = PROTOCOLS[name]
    statements: list[str] = []
    readings = ["b1", "b2", "s1", "s2"]
    if protocol.route is Route.IV_INFUSION and draw(st.booleans()):
        statements.append(f"stop at {draw(at(50, 100))}")
    if draw(st.booleans()):
        last = draw(st.integers(-2, 21))
        statements += [f"s2 at {last}", f"s1 at {last + draw(st.integers(4, 22))}"]
    for number, instant in enumerate(draw(few(at(0, 40) | at(0, 170), 3))):
        readings.append(f"r{number}")
        statements.append(f"reading r{number} at {instant}")
    if name in {"acvpu", "rass", "cadss"}:
        best = {
            "acvpu": "consciousness acvpu A",
            "rass": "consciousness rass 0",
            "cadss": "dissociation none cadss 23-item 0",
        }
        statements += [f"{reading} {best[name]}" for reading in readings]
    for change in draw(few(CHANGES, 3)):
        statements.append(f"{draw(st.sampled_from(readings))} {change}")
    for number, event in enumerate(draw(few(EVENTS, 2))):
        statements.append(f"event e{number} {event}")
    for number, event in enumerate(draw(few(st.just([]) | few(DOSES, 2), 1))):
        statements += [f"event d{number}{index} {one}" for index, one in enumerate(event)]
    statements += draw(few(OTHERS, 2))
    if draw(st.integers(0, 9)) == 0:
        statements.append(f"no {draw(st.sampled_from(readings))}")
    return Made(name, tuple(statements), protocol, session(protocol.route, *statements))


def recovery_readings(facts: Facts) -> list[Reading]:
    """The readings after the dose end, by the timeline."""
    from app.domain.dose import timeline
    from app.domain.readings import Phase

    dose = timeline(facts.events)
    return [reading for reading in facts.readings if dose.phase_of(reading.measured_at) is Phase.RECOVERY]


__all__ = ["AS_OF", "Made", "at", "law", "made", "recovery_readings"]
