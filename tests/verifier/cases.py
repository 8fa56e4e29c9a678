"""The service's assessments of random sessions, each beside its facts: a line of JSON each, in a pack's spelling."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from app.domain.assessment import Assessment
from app.domain.documents import escort_document, event_document, reading_document
from app.domain.facts import Facts
from app.domain.instants import to_text, to_text_or_none
from app.domain.protocol.decode import RECOVERED
from app.domain.protocol.values import Protocol
from app.domain.readiness import assess
from tests.oracle.cases import case


def lines(seeds: Iterable[int]) -> Iterator[str]:
    """Each case as the verifier's program for cases reads it."""
    for seed in seeds:
        facts, protocol, as_of = case(seed)
        verdict = assess(facts, protocol, as_of)
        yield json.dumps(
            {
                "seed": seed,
                "facts": facts_written(facts),
                "protocol": protocol_written(protocol),
                "assessment": kept(verdict),
            }
        )


def kept(verdict: Assessment) -> dict[str, Any]:
    """What a pack holds of an assessment, and when it would lapse."""
    document = verdict.document
    return {
        "as_of": document["as_of"],
        "findings": document["findings"],
        "status": verdict.status.value,
        "lapses_at": to_text_or_none(verdict.lapses_at),
    }


def facts_written(facts: Facts) -> dict[str, Any]:
    """Events, readings and escort as the journal holds them, and the contacts, which it does not."""
    return {
        "events": [event_document(one) for one in facts.events],
        "readings": [reading_document(one) for one in facts.readings],
        "escort": facts.escort and escort_document(facts.escort),
        "tablets": [
            {
                "id": str(one.id),
                "enrolled": one.enrolled,
                "unsent": one.unsent,
                "draft": one.draft,
                "heard_at": to_text(one.heard_at),
                "pace": one.pace,
            }
            for one in facts.tablets
        ],
    }


def _given(**numbers: object) -> dict[str, Any]:
    return {name: value for name, value in numbers.items() if value is not None}


def protocol_written(protocol: Protocol) -> dict[str, Any]:
    """The document of a protocol that was made by numbers: what `decode` reads, and no sources."""
    schedule, rule, sustained = protocol.schedule, protocol.baseline, protocol.sustained
    return {
        "id": protocol.id,
        "version": protocol.version,
        "route": protocol.route.value,
        "schedule": {
            "baseline": schedule.baseline,
            "infusion": schedule.infusion,
            "recovery": schedule.recovery,
            "grace": schedule.grace,
        },
        "baseline": {
            "min_readings": rule.min_readings,
            "max_age_minutes": rule.max_age_minutes,
            "spacing": rule.spacing,
            "rule": rule.method.value,
            **{vital.value: _given(floor=one.floor, ceiling=one.ceiling) for vital, one in rule.limits.items()},
        },
        "criteria": {
            "minutes-since-dose": {clock.value: minutes for clock, minutes in protocol.dose_minutes.items()},
            **{
                RECOVERED[vital].value: _given(
                    percent_up=one.percent_up,
                    percent_down=one.percent_down,
                    delta_up=one.delta_up,
                    delta_down=one.delta_down,
                    floor=one.floor,
                    ceiling=one.ceiling,
                )
                for vital, one in protocol.recovery.items()
            },
            "spo2-recovered": {"floor": protocol.spo2.floor, "max_drop": protocol.spo2.max_drop},
            "consciousness-recovered": {"scale": protocol.consciousness_scale.value},
            "dissociation-absent": _given(instrument=protocol.dissociation_instrument),
            "sustained": {
                "sets": sustained.sets,
                "minutes": sustained.minutes,
                "spacing": sustained.spacing,
                "max_gap": sustained.max_gap,
            },
            "fresh": {"minutes": protocol.fresh_minutes},
            "symptoms-settled": {
                "from_severity": protocol.symptoms.from_severity.value,
                "always": sorted(code.value for code in protocol.symptoms.always),
            },
            "medication-settled": {"minutes": dict(protocol.medication_minutes)},
            "tablets-in-step": {"seconds": protocol.tablet_seconds},
        },
        "concern": {
            vital.value: _given(floor=one.floor, ceiling=one.ceiling, delta=one.delta, acknowledge=one.acknowledge)
            for vital, one in protocol.concerns.items()
        },
        "signature": {"minutes": protocol.signature_minutes},
    }
