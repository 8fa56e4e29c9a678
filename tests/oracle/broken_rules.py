"""Mistakes put inside the rules: one small piece replaced, everything around it as it is.

Together with `false_ready` the positive control of the comparison: each of these must be seen by it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

from app.domain.assessment import Status
from app.domain.readings import Phase
from tests.oracle.differential import Rules, real

READINESS = "app.domain.readiness."
Piece = Callable[[Any], Any]
PIECES: dict[str, tuple[str, str, Piece]] = {
    # name of the mistake: (module or class, attribute, what is put in its place, made from what was there)
    "reference_rounded_upwards": (
        READINESS + "items",
        "too_far_up",
        lambda was: lambda value, ref, limits: was(value, replace(ref, sum=ref.shown, count=1), limits),
    ),
    "never_too_far_down": (READINESS + "items", "too_far_down", lambda _: lambda *_: False),
    "never_too_far_up": (READINESS + "items", "too_far_up", lambda _: lambda *_: False),
    "best_of_equal_instants": (
        READINESS + "sets",
        "worst",
        lambda _: lambda verdicts: min(verdicts, key=lambda v: ("met", "unknown", "not-met").index(v.outcome)),
    ),
    "oxygen_events_not_seen_by_sets": (
        READINESS + "sets",
        "judge",
        lambda was: lambda reading, ground, *, oxygen_runs: was(reading, ground, oxygen_runs=False),
    ),
    "grade_alone_inside": (
        READINESS + "items",
        "is_dissociated",
        lambda _: lambda reading: reading.dissociation.grade != "none",
    ),
    "nothing_interrupts": (READINESS + "evidence", "last_interruption", lambda _: lambda *_: None),
    "first_interruption_counts": (
        READINESS + "evidence",
        "last_interruption",
        lambda was: lambda events, seen: was(sorted(events, key=lambda e: e.at)[:4], ()),
    ),
    "missing_severity_does_not_block": (
        READINESS + "episodes",
        "blocks",
        lambda was: lambda *given: bool(was(*given)),
    ),
    "symptoms_close_by_themselves": (
        READINESS + "evidence",
        "episodes",
        lambda was: lambda *given: tuple(e for e in was(*given) if e.closed_by is not None),
    ),
    "any_spacing_will_do": (
        "app.domain.baseline",
        "_spaced",
        lambda _: lambda instants, _spacing: sorted(instants, reverse=True),
    ),
    "oldest_back_spacing": (
        "app.domain.baseline",
        "_spaced",
        lambda was: lambda instants, spacing: sorted(was(instants, spacing))[-2:][::-1],
    ),
    "first_readings_oxygen": (
        "app.domain.baseline",
        "_shared_oxygen",
        lambda _: lambda used: used[0].oxygen,
    ),
    "baseline_never_dissociated": ("app.domain.baseline", "is_dissociated", lambda _: lambda _reading: False),
    "baseline_always_awake": ("app.domain.baseline", "fully_conscious", lambda _: lambda _level: True),
    "any_dose_sequence": ("app.domain.dose", "_what_is_wrong", lambda _: lambda *_: None),
    "a_second_is_an_instant": ("app.domain.dose", "to_second", lambda _: lambda at: at),
    "end_belongs_to_recovery": (
        "app.domain.dose.Timeline",
        "phase_of",
        lambda was: (
            lambda self, at: Phase.RECOVERY if self.ended is not None and at == self.ended.at else was(self, at)
        ),
    ),
    "start_belongs_to_baseline": (
        "app.domain.dose.Timeline",
        "phase_of",
        lambda was: (
            lambda self, at: Phase.BASELINE if self.started is not None and at == self.started.at else was(self, at)
        ),
    ),
    "unknown_is_no_obstacle": (
        READINESS + "assess",
        "status_of",
        lambda _: lambda outcomes: Status.NOT_MET if "not-met" in set(outcomes) else Status.MET,
    ),
    "every_set_counts": (
        READINESS + "run.Run",
        "sustains",
        lambda was: lambda self, rule: was(replace(self, counted=self.sets), rule),
    ),
    "minutes_between_counted_sets_only": (
        READINESS + "run.Run",
        "sustains",
        lambda was: lambda self, rule: was(replace(self, sets=self.counted), rule),
    ),
    "unsent_items_forgotten": (
        READINESS + "criteria_people",
        "in_step",
        lambda was: lambda tablet, *given: was(replace(tablet, unsent=0), *given),
    ),
    "unfinished_set_forgotten": (
        READINESS + "criteria_people",
        "holds_something",
        lambda was: lambda tablet: was(replace(tablet, draft=False)),
    ),
    "a_look_counts_as_a_tablet": (
        READINESS + "criteria_people",
        "tablet_states",
        lambda was: lambda tablets, *given: was([replace(t, enrolled=True) for t in tablets], *given),
    ),
    "silence_on_the_clinic_s_clock": (
        READINESS + "criteria_people",
        "silent_from",
        lambda was: lambda tablet, seconds: was(replace(tablet, pace=1), seconds),
    ),
    "asked_once_is_asked": (
        READINESS + "criteria_course",
        "_asked",
        lambda _: lambda newest: any(r.symptoms is not None for r in newest.readings),
    ),
    "incomplete_set_is_fresh": (
        READINESS + "evidence.Evidence",
        "newest_complete",
        lambda _: property(lambda self: self.newest),
    ),
    "running_oxygen_forgotten": (
        READINESS + "oxygen.OxygenHistory",
        "now",
        lambda _: property(lambda _self: None),
    ),
    "concern_at_its_limit": (
        "app.domain.concerns",
        "_breach",
        lambda was: lambda vital, value, *given: was(vital, value - 1, *given),
    ),
    "chance_forgets_what_must_end": (READINESS + "times", "_must_end_first", lambda _: lambda _evidence: False),
}


@contextmanager
def broken(place: str, attribute: str, piece: Piece) -> Iterator[None]:
    """Replaces one piece while inside. The piece must be there: a renamed one is an error, not a silent pass."""
    module, _, name = place.rpartition(".")
    owner = getattr(import_module(module), name) if name[0].isupper() else import_module(place)
    was = owner.__dict__[attribute]
    setattr(owner, attribute, piece(was))
    try:
        yield
    finally:
        setattr(owner, attribute, was)


def rules_with(name: str) -> Rules:
    """The rules with the named mistake in them."""

    def rules(facts, protocol, as_of):
        with broken(*PIECES[name]):
            return real(facts, protocol, as_of)

    return rules
