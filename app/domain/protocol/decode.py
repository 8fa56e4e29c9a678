"""From the document of a protocol to a `Protocol`: decoding alone, for whatever was approved once.

What people approved is never judged again: bands and schemas are for drafts (`parse`), and may grow narrower while
sessions are under way that are pinned to what was taken before. Nothing here looks at a band, refuses a key it does not
know, or asks for one that says nothing of a number. Whoever adds a number to the schema says here what a document
means that was approved without it; the codes of criteria, scales, severities and symptoms are permanent.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.assessment import Criterion
from app.domain.canonical import Json, digest
from app.domain.events import Route
from app.domain.protocol.values import (
    AbsoluteLimits,
    BaselineMethod,
    BaselineRule,
    ConcernLimits,
    DoseClock,
    IfWrong,
    Pressure,
    PressurePrompt,
    PromptTime,
    Protocol,
    RecoveryLimits,
    SameDayCheck,
    SameDayItem,
    Schedule,
    Spo2Limits,
    Sustained,
    SymptomRule,
)
from app.domain.symptoms import Severity, SymptomCode
from app.domain.vitals import ConsciousnessScale, Vital

RECOVERED: dict[Vital, Criterion] = {
    Vital.HEART_RATE: Criterion.HEART_RATE_RECOVERED,
    Vital.SYSTOLIC: Criterion.SYSTOLIC_RECOVERED,
    Vital.DIASTOLIC: Criterion.DIASTOLIC_RECOVERED,
    Vital.RESPIRATORY_RATE: Criterion.RESPIRATORY_RATE_RECOVERED,
}
"""The vitals compared with a relative limit, and their criteria. SpO2 has a floor and a drop instead."""

Table = Mapping[str, Any]


def decode(document: Mapping[str, Any]) -> Protocol:
    """The protocol in a document that was approved, or found without fault by `parse`."""
    plain = _plain(document)
    criteria: Table = document["criteria"]
    schedule, spo2, sustained = document["schedule"], criteria[Criterion.SPO2_RECOVERED], criteria[Criterion.SUSTAINED]
    return Protocol(
        id=document["id"],
        version=document["version"],
        route=Route(document["route"]),
        example=document.get("example", False),
        schedule=Schedule(schedule["baseline"], schedule["infusion"], schedule["recovery"], schedule["grace"]),
        baseline=_baseline(document["baseline"]),
        recovery={vital: _recovery(criteria[criterion]) for vital, criterion in RECOVERED.items()},
        spo2=Spo2Limits(spo2["floor"], spo2["max_drop"]),
        consciousness_scale=ConsciousnessScale(criteria[Criterion.CONSCIOUSNESS_RECOVERED]["scale"]),
        dissociation_instrument=criteria[Criterion.DISSOCIATION_ABSENT].get("instrument"),
        dose_minutes=_dose_minutes(criteria[Criterion.MINUTES_SINCE_DOSE]),
        sustained=Sustained(sustained["sets"], sustained["minutes"], sustained["spacing"], sustained["max_gap"]),
        fresh_minutes=criteria[Criterion.FRESH]["minutes"],
        symptoms=_symptoms(criteria[Criterion.SYMPTOMS_SETTLED]),
        medication_minutes=dict(criteria[Criterion.MEDICATION_SETTLED]["minutes"]),
        tablet_seconds=criteria[Criterion.TABLETS_IN_STEP]["seconds"],
        concerns=_concerns(document.get("concern", {})),
        prompts=_prompts(document.get("prompts", {})),
        same_day=_same_day(document.get("same-day")),
        escort_by_phone=document.get("escort", {}).get("by_phone", False),
        signature_minutes=document["signature"]["minutes"],
        sources=dict(_sources(document, "")),
        document=plain,
        content_hash=digest(plain),
    )


def _baseline(table: Table) -> BaselineRule:
    return BaselineRule(
        min_readings=table["min_readings"],
        max_age_minutes=table["max_age_minutes"],
        spacing=table["spacing"],
        method=BaselineMethod(table["rule"]),
        limits={
            vital: AbsoluteLimits(table[vital.value].get("floor"), table[vital.value].get("ceiling"))
            for vital in Vital
            if vital.value in table
        },
    )


def _recovery(table: Table) -> RecoveryLimits:
    def limit(word: str, direction: str) -> int | None:
        found: int | None = table.get(word, table.get(f"{word}_{direction}"))
        return found

    return RecoveryLimits(
        percent_up=limit("percent", "up"),
        percent_down=limit("percent", "down"),
        delta_up=limit("delta", "up"),
        delta_down=limit("delta", "down"),
        floor=table["floor"],
        ceiling=table["ceiling"],
    )


def _dose_minutes(table: Table) -> dict[DoseClock, int]:
    return {clock: table[clock.value] for clock in DoseClock if clock.value in table}


def _symptoms(table: Table) -> SymptomRule:
    return SymptomRule(Severity(table["from_severity"]), frozenset(SymptomCode(code) for code in table["always"]))


def _concerns(tables: Table) -> dict[Vital, ConcernLimits]:
    return {
        vital: ConcernLimits(
            floor=tables[vital.value].get("floor"),
            ceiling=tables[vital.value].get("ceiling"),
            delta=tables[vital.value].get("delta"),
            acknowledge=tables[vital.value]["acknowledge"],
        )
        for vital in Vital
        if vital.value in tables
    }


def _prompts(tables: Table) -> dict[PromptTime, PressurePrompt]:
    """Documents of before there were prompts have none."""
    return {when: _prompt(tables[when.value]) for when in PromptTime if when.value in tables}


def _prompt(table: Table) -> PressurePrompt:
    once = table.get("once")
    return PressurePrompt(
        systolic=table["systolic"],
        diastolic=table["diastolic"],
        again_minutes=table["again_minutes"],
        once=None if once is None else Pressure(once["systolic"], once["diastolic"]),
    )


def _same_day(table: Table | None) -> SameDayCheck | None:
    """Documents of before there was a same-day check ask for nothing. Items go by their names: tables have no order."""
    if table is None:
        return None
    items = {
        name: SameDayItem(item["question"], item["right"], item["wrong"], IfWrong(item["if_wrong"]))
        for name, item in sorted(table.items())
        if isinstance(item, Mapping)
    }
    return SameDayCheck(table["hours"], items)


def _sources(table: Table, path: str) -> Iterator[tuple[str, str]]:
    """What each table says of where its numbers come from, by its dotted path."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _sources(value, f"{path}.{key}" if path else key)
        elif key == "source" and isinstance(value, str):
            yield path, value


def _plain(value: Mapping[str, Any]) -> dict[str, Json]:
    """A copy that nobody else holds."""
    return {key: _plain_value(item) for key, item in value.items()}


def _plain_value(value: Any) -> Json:
    match value:
        case Mapping():
            return _plain(value)
        case list() | tuple():
            return [_plain_value(item) for item in value]
        case bool() | int() | str():
            return value
        case _:  # pragma: no cover - no schema ever let anything else through
            raise TypeError(type(value).__name__)
