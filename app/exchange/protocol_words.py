"""A protocol in plain words, for whoever is asked to approve it: every table, every number, where it comes from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.assessment import Criterion
from app.domain.protocol.decode import RECOVERED
from app.domain.protocol.values import (
    BaselineMethod,
    DoseClock,
    IfWrong,
    PressurePrompt,
    PromptTime,
    Protocol,
    RecoveryLimits,
    SameDayCheck,
)
from app.domain.vitals import VITALS, ConsciousnessScale, Vital
from app.exchange.words import SCALES, plain, sentence

UNITS = {
    Vital.HEART_RATE: "/min",
    Vital.SYSTOLIC: "mmHg",
    Vital.DIASTOLIC: "mmHg",
    Vital.RESPIRATORY_RATE: "/min",
    Vital.SPO2: "%",
}
_BEST = {ConsciousnessScale.MOAAS: "5", ConsciousnessScale.ACVPU: "A", ConsciousnessScale.RASS: "0"}
REFERENCES = {
    BaselineMethod.MEAN: "the mean of the counted readings",
    BaselineMethod.MEDIAN: "the median of the counted readings",
    BaselineMethod.LAST: "the last of the counted readings",
}
_CLOCKS = {
    DoseClock.INFUSION_END: "the end of the infusion",
    DoseClock.FIRST_DEVICE: "the first nasal device",
    DoseClock.LAST_DEVICE: "the last nasal device",
}
_PROMPTS = {
    PromptTime.BEFORE_DOSE: "Raised pressure before the dose",
    PromptTime.FROM_DOSE: "Raised pressure from the dose on",
}
_TITLES = {
    "": "Example or the clinic's own",
    "schedule": "When a set is due",
    "baseline": "The patient's own baseline",
    "criteria.medication-settled.minutes": "Medication settled: how long after each",
    "same-day": "The same-day check",
    "escort": "The escort by phone",
    "signature": "The signature",
}
IF_WRONG = {
    IfWrong.NOTE: "it is shown.",
    IfWrong.ASK_CLINICIAN: "no dose until a clinician has cleared it for this session.",
    IfWrong.STOP: "no dose, unless a clinician signs with a reason that it does not stop this session.",
}
_BY_PHONE = (
    "A call to the escort may be recorded: the number, when and by whom they were reached, when they arrive.",
    "It stands for nobody's being here: the escort is present only where they were seen.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One table of the protocol: its dotted name in the file, what it is called, what it says, where that is from."""

    table: str
    title: str
    says: tuple[str, ...]
    source: str | None


def tell(protocol: Protocol) -> tuple[Told, ...]:
    """The whole protocol: the sets, the baseline, every criterion, what is shown at once, the signature."""
    found = [
        ("schedule", _schedule(protocol)),
        ("baseline", _baseline(protocol)),
        *((f"baseline.{vital.value}", (_baseline_limit(protocol, vital),)) for vital in _of(protocol.baseline.limits)),
        *((f"criteria.{name.value}", says) for name, says in _criteria(protocol).items()),
        *((f"concern.{vital.value}", (_concern(protocol, vital),)) for vital in _of(protocol.concerns)),
        *(
            (f"prompts.{when.value}", _prompt(protocol.prompts[when]))
            for when in PromptTime
            if when in protocol.prompts
        ),
        *_same_day(protocol.same_day),
        *([("escort", _BY_PHONE)] if protocol.escort_by_phone else []),
        ("signature", (_signature(protocol),)),
    ]
    return tuple(Told(table, title_of(table), says, protocol.sources.get(table)) for table, says in found)


def title_of(table: str) -> str:
    """What a table is called, by its dotted name in the file; `*` in it stands for a name that the clinic chooses."""
    match table.split("."):
        case ["baseline", vital]:
            return f"Baseline {VITALS[Vital(vital)].label}"
        case ["criteria", name]:
            return sentence(plain(name).replace("spo2", "SpO2"))
        case ["concern", vital]:
            return f"Concern: {VITALS[Vital(vital)].label}"
        case ["prompts", when]:
            return _PROMPTS[PromptTime(when)]
        case ["prompts", when, "once"]:
            return f"{_PROMPTS[PromptTime(when)]}: a clinician at once"
        case ["same-day", name]:
            return f"Same day: {plain(name)}"
        case _:
            return _TITLES[table]


def _of(limits: Mapping[Vital, object]) -> Iterator[Vital]:
    """The vitals that have limits, in the order in which all are told."""
    return (vital for vital in Vital if vital in limits)


def _schedule(protocol: Protocol) -> tuple[str, ...]:
    due = protocol.schedule
    return (
        f"Every {due.baseline} minutes before the dose, every {due.infusion} during it, every {due.recovery} after it.",
        f"Overdue {due.grace} minutes later.",
    )


def _baseline(protocol: Protocol) -> tuple[str, ...]:
    rule = protocol.baseline
    return (
        (
            f"At least {rule.min_readings} readings before the dose, {rule.spacing} minutes or more apart, none older "
            f"than {rule.max_age_minutes} minutes when it begins."
        ),
        f"The baseline is {REFERENCES[rule.method]}.",
    )


def _outside(floor: int | None, ceiling: int | None) -> str:
    bounds = (("below", floor), ("above", ceiling))
    return " or ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)


def _baseline_limit(protocol: Protocol, vital: Vital) -> str:
    limits = protocol.baseline.limits[vital]
    return (
        f"A baseline reading {_outside(limits.floor, limits.ceiling)} {UNITS[vital]} is not sound until a clinician "
        "accepts it."
    )


def _concern(protocol: Protocol, vital: Vital) -> str:
    limits = protocol.concerns[vital]
    parts = [_outside(limits.floor, limits.ceiling)]
    if limits.delta is not None:
        parts.append(f"more than {limits.delta} from the baseline")
    bounds = ", or ".join(part for part in parts if part)
    who = "a clinician must acknowledge it" if limits.acknowledge else "nobody needs to acknowledge it"
    return f"{sentence(VITALS[vital].label)} {bounds} ({UNITS[vital]}) is shown at once; {who}."


def _prompt(rule: PressurePrompt) -> tuple[str, ...]:
    said = (
        (
            f"A blood pressure from {rule.systolic} systolic or {rule.diastolic} diastolic (mmHg) asks for another "
            f"after {rule.again_minutes} minutes, and for a clinician if that is so high too."
        ),
        "It is shown, and orders nothing.",
    )
    if rule.once is None:
        return said
    at_once = f"From {rule.once.systolic} or {rule.once.diastolic} it asks for a clinician at once."
    return (said[0], at_once, said[1])


def _same_day(check: SameDayCheck | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    if check is None:
        return
    hours = "1 hour" if check.hours == 1 else f"{check.hours} hours"
    held = f"Asked before every dose, every item: the answers hold for {hours}. What is not answered is never right."
    yield "same-day", (held,)
    for name, item in check.items.items():
        asked = f'{item.question} Right is "{item.right}".'
        yield f"same-day.{name}", (asked, f'Where it is "{item.wrong}": {IF_WRONG[item.if_wrong]}')


def _signature(protocol: Protocol) -> str:
    return (
        f"For {protocol.signature_minutes} minutes after a clinician signed, a set that has only grown old does not "
        "keep the patient here."
    )


def _distances(limits: RecoveryLimits, unit: str) -> Iterator[str]:
    """What is said of the distance from the baseline: once where both directions are alike."""
    for up, down, of in ((limits.percent_up, limits.percent_down, " %"), (limits.delta_up, limits.delta_down, unit)):
        if up is not None and up == down:
            yield f"within {up}{of} of the patient's own baseline"
            continue
        if up is not None:
            yield f"at most {up}{of} above the patient's own baseline"
        if down is not None:
            yield f"at most {down}{of} below the patient's own baseline"


def _recovered(protocol: Protocol, vital: Vital) -> str:
    limits = protocol.recovery[vital]
    unit = f" {UNITS[vital]}"
    near = ", ".join(_distances(limits, unit))
    return f"{sentence(VITALS[vital].label)} is {near}, and from {limits.floor} to {limits.ceiling}{unit}."


def _dissociation(protocol: Protocol) -> tuple[str, ...]:
    said = ("No dissociation at all by the nurse's own grade, and 0 in any score beside it.",)
    if protocol.dissociation_instrument is None:
        return said
    return (*said, f"A score of {protocol.dissociation_instrument.upper()} is asked for: without one it is unknown.")


def _sustained(protocol: Protocol) -> tuple[str, ...]:
    run = protocol.sustained
    return (
        (
            f"At least {run.sets} sets in a row in which everything is good, with at least {run.minutes} minutes "
            "between the first and the last."
        ),
        f"Of sets less than {run.spacing} minutes apart one counts; a gap over {run.max_gap} minutes begins anew.",
        "It also begins anew when a symptom has gone, a medication is given, or oxygen is started or stopped.",
    )


def _symptoms(protocol: Protocol) -> tuple[str, ...]:
    always = ", ".join(plain(code.value) for code in sorted(protocol.symptoms.always))
    severity = protocol.symptoms.from_severity.value
    said = f"Symptoms were asked for in the newest set, and none is open that is {severity} or worse."
    return (said, f"None of these is open, at any severity: {always}.") if always else (said,)


def _medication(minutes: Mapping[str, int]) -> tuple[str, ...]:
    longest, *shorter = sorted(set(minutes.values()), reverse=True)
    names = {
        each: ", ".join(plain(code) for code in sorted(minutes) if minutes[code] == each) for each in minutes.values()
    }
    return (
        f"At least {longest} minutes since {names[longest]}, and since any medication that is not listed here.",
        *(f"At least {each} minutes since {names[each]}." for each in shorter),
    )


def _criteria(protocol: Protocol) -> dict[Criterion, tuple[str, ...]]:
    """What each criterion asks for. A test walks the criteria: one that is not told cannot be approved unseen."""
    scale = protocol.consciousness_scale
    return {
        Criterion.DOSE_FINISHED: ("The dose has ended: nothing runs, nothing is paused.",),
        Criterion.CLOCKS_CERTAIN: ("No time that counts is in doubt.",),
        Criterion.MINUTES_SINCE_DOSE: tuple(
            f"At least {protocol.dose_minutes[clock]} minutes since {words}."
            for clock, words in _CLOCKS.items()
            if clock in protocol.dose_minutes
        ),
        Criterion.BASELINE_SOUND: (
            "In every baseline reading the patient is inside the limits above, awake and not dissociated.",
            "Else a clinician has accepted the baseline as it stands.",
        ),
        **{criterion: (_recovered(protocol, vital),) for vital, criterion in RECOVERED.items()},
        Criterion.SPO2_RECOVERED: (
            f"SpO2 is at least {protocol.spo2.floor} %.",
            f"It is at most {protocol.spo2.max_drop} points below the patient's own baseline.",
            "On room air, or on no more oxygen than at the baseline.",
        ),
        Criterion.CONSCIOUSNESS_RECOVERED: (f"Fully awake: {SCALES[scale.value]} {_BEST[scale]}.",),
        Criterion.DISSOCIATION_ABSENT: _dissociation(protocol),
        Criterion.GAIT_STEADY: ("The patient walks steadily.",),
        Criterion.ORIENTATED: ("The patient knows who and where they are, and when.",),
        Criterion.SUSTAINED: _sustained(protocol),
        Criterion.FRESH: (f"The newest complete set is less than {protocol.fresh_minutes} minutes old.",),
        Criterion.SYMPTOMS_SETTLED: _symptoms(protocol),
        Criterion.MEDICATION_SETTLED: _medication(protocol.medication_minutes),
        Criterion.CONCERNS_ACKNOWLEDGED: ("A clinician has acknowledged every concern that asks for it.",),
        Criterion.ESCORT_PRESENT: ("An escort is named, and was seen here after the dose ended.",),
        Criterion.TABLETS_IN_STEP: (
            "No tablet holds anything of this session that is not in the record.",
            f"No enrolled tablet with the session open has been silent for {protocol.tablet_seconds} seconds.",
        ),
    }
