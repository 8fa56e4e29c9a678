"""What happened after the first device: sedation, dissociation, breathing, other events, serious ones."""

from collections.abc import Sequence

from app.domain.assessment import RestsOn
from app.domain.baseline import is_dissociated
from app.domain.canonical import Json
from app.domain.events import Event, EventKind, MedicationGiven, OxygenStarted, Transferred
from app.domain.forms import Answer
from app.domain.instants import to_text
from app.domain.monitoring.fields import Missing, Monitored, Value, on_events, on_readings
from app.domain.readiness.episodes import Episode, episodes
from app.domain.readings import Reading
from app.domain.symptoms import SERIOUS, SymptomCode, label
from app.domain.vitals import Consciousness, ConsciousnessScale, fully_conscious

SEDATION = frozenset({SymptomCode.DROWSY, SymptomCode.LETHARGY})
DISSOCIATION = frozenset({SymptomCode.DISSOCIATIVE_EPISODE})
BREATHING = frozenset(
    {SymptomCode.RESPIRATORY_DEPRESSION, SymptomCode.APNOEA, SymptomCode.LOW_OXYGEN, SymptomCode.BREATHLESSNESS}
)
"""Symptom codes that answer a question of the form; every other one is an "other event"."""
UNASKED = "symptoms were not asked, or the clock was in doubt"
ENDINGS = {
    EventKind.TRANSFERRED: "transferred to hospital",
    EventKind.LEFT_AGAINST_ADVICE: "left against advice",
}


def _sedated(level: Consciousness | None) -> bool:
    """Below the best of its scale; on RASS, whose best is 0, above it is the opposite of sedation."""
    if level is None or fully_conscious(level):
        return False
    return level.scale is not ConsciousnessScale.RASS or (isinstance(level.score, int) and level.score < 0)


def _names(reading: Reading, codes: frozenset[SymptomCode]) -> bool:
    return any(one.code in codes for one in reading.symptoms or ())


def _answer(
    seen: Sequence[Reading], unseen: Sequence[Reading], every: Sequence[Reading], what: str, lacks: str
) -> Value | Missing:
    """Yes where any set shows it; no only where every set was able to; else what those sets lack."""
    if seen:
        first, last = to_text(seen[0].measured_at), to_text(seen[-1].measured_at)
        at = f"at {first}" if len(seen) == 1 else f"from {first} to {last}"
        return Value(Answer.YES.value, f"yes: {what} in {len(seen)} of {len(every)} sets, {at}", on_readings(seen))
    if not every:
        return Missing("no set was taken after the first device")
    if unseen:
        return Missing(f"in {len(unseen)} of {len(every)} sets {lacks}", on_readings(unseen))
    return Value(Answer.NO.value, f"no: in none of {len(every)} sets", on_readings(every))


def sedation(session: Monitored) -> Value | Missing:
    """A level of consciousness below the best of its scale, or a symptom that says so, after the first device."""
    every = session.while_here()
    seen = [one for one in every if _sedated(one.consciousness) or _names(one, SEDATION)]
    unseen = [one for one in every if one.consciousness is None or one.symptoms is None or one.clock_doubtful]
    lacks = "the level of consciousness was not given, symptoms were not asked, or the clock was in doubt"
    return _answer(seen, unseen, every, "not fully awake", lacks)


def dissociation(session: Monitored) -> Value | Missing:
    """A grade other than none, or any score above 0, or a symptom that says so, after the first device."""
    every = session.while_here()
    seen = [one for one in every if is_dissociated(one) or _names(one, DISSOCIATION)]
    unseen = [one for one in every if one.dissociation is None or one.clock_doubtful]
    return _answer(seen, unseen, every, "dissociated", "dissociation was not graded, or the clock was in doubt")


def breathing(session: Monitored) -> Value | Missing:
    """A symptom of depressed breathing, after the first device; SpO2 and rate themselves are in the record."""
    every = session.while_here()
    seen = [one for one in every if _names(one, BREATHING)]
    unseen = [one for one in every if one.symptoms is None or one.clock_doubtful]
    return _answer(seen, unseen, every, "a sign of it", UNASKED)


def lowest_spo2(session: Monitored) -> Value | Missing:
    """The lowest SpO2 after the first device, with what the patient breathed."""
    measured = [(one.spo2, one) for one in session.while_here() if one.spo2 is not None]
    if not measured:
        return Missing("SpO2 was not measured after the first device")
    value, reading = min(measured, key=lambda pair: (pair[0], pair[1].measured_at, pair[1].id.int))
    return Value(value, f"{value} % at {to_text(reading.measured_at)}", on_readings([reading]))


def _episodes(session: Monitored) -> list[Episode]:
    first = session.dose.first_device
    found = episodes(session.readings, session.facts.events, session.protocol.symptoms)
    return [one for one in found if first is not None and one.last_mention_at > first.at]


def _episode_document(one: Episode) -> Json:
    return {
        "code": one.code.value,
        "severity": one.worst.value if one.worst else None,
        "onset": to_text(one.opened_at),
        "resolved": to_text(one.closed_by.at) if one.closed_by else None,
        "serious": one.code in SERIOUS,
    }


def _episode_words(one: Episode) -> str:
    severity = one.worst.value if one.worst else "severity not given"
    end = f"resolved {to_text(one.closed_by.at)}" if one.closed_by else "resolution not on record"
    return f"{label(one.code)} ({severity}), first named {to_text(one.opened_at)}, {end}"


def _listed(found: Sequence[Episode], session: Monitored) -> Value | Missing:
    every = session.while_here()
    if found:
        return Value([_episode_document(one) for one in found], "; ".join(map(_episode_words, found)), _rests_on(found))
    if not every:
        return Missing("no set was taken after the first device")
    if unasked := _unasked(session):
        return Missing(_unasked_words(session), on_readings(unasked))
    return Value([], "none", on_readings(every))


def _rests_on(found: Sequence[Episode]) -> tuple[RestsOn, ...]:
    ends = [one.closed_by for one in found if one.closed_by is not None]
    return on_readings([reading for one in found for reading in one.readings]) + on_events(ends)


def _unasked(session: Monitored) -> list[Reading]:
    return [one for one in session.while_here() if one.symptoms is None or one.clock_doubtful]


def _unasked_words(session: Monitored) -> str:
    return f"in {len(_unasked(session))} of {len(session.while_here())} sets {UNASKED}"


def other_events(session: Monitored) -> Value | Missing:
    """Every symptom after the first device that no question of its own asks for, with onset and resolution."""
    asked = SEDATION | DISSOCIATION | BREATHING
    return _listed([one for one in _episodes(session) if one.code not in asked], session)


def serious_events(session: Monitored) -> Value | Missing:
    """Symptoms that are serious by their code, and an end of the session other than a discharge.

    Whether an event is serious in the regulator's sense is a person's to judge; this lists what to look at.
    """
    serious = [one for one in _episodes(session) if one.code in SERIOUS]
    if session.left_by not in ENDINGS:
        return _listed(serious, session)
    ends = [one for one in session.facts.events if one.kind is session.left_by and one.at == session.left_at]
    said = [ENDINGS[session.left_by]]
    said += [f"to {one.detail.to}" for one in ends if isinstance(one.detail, Transferred)]
    words = [" ".join(said), *map(_episode_words, serious)]
    if _unasked(session):
        words.append(_unasked_words(session))
    listed: list[Json] = [{"code": session.left_by.value}, *map(_episode_document, serious)]
    return Value(listed, "; ".join(words), on_events(ends) + _rests_on(serious))


def treatment(session: Monitored) -> Value | Missing:
    """Medication and oxygen given after the first device."""
    first = session.dose.first_device
    if first is None:
        return Missing("no device is on record: enter the nasal device that was given")
    given = [one for one in session.facts.events if one.at >= first.at and _treats(one)]
    given.sort(key=lambda one: (one.at, one.id.int))
    words = "; ".join(_treatment_words(one) for one in given) or "none on record"
    listed: list[Json] = [{"at": to_text(one.at), "words": _treatment_words(one)} for one in given]
    return Value(listed, words, on_events(given))


def _treats(event: Event) -> bool:
    return isinstance(event.detail, MedicationGiven | OxygenStarted)


def _treatment_words(event: Event) -> str:
    match event.detail:
        case MedicationGiven() as given:
            parts = [
                given.code.replace("-", " "),
                f"{given.dose:f}" if given.dose is not None else "",
                given.unit or "",
            ]
            return f"{' '.join(part for part in parts if part)} at {to_text(event.at)}"
        case OxygenStarted() as oxygen:
            return f"oxygen {oxygen.flow_l_min:f} l/min at {to_text(event.at)}"
        case _:
            return to_text(event.at)
