"""The fields of a protocol's form: the schema of drafts with what each field is called, its unit, and its choices."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from app.domain.events import Route
from app.domain.protocol.decode import RECOVERED
from app.domain.protocol.fields import ANY, tables_of
from app.domain.protocol.tables import FieldKind, FieldShape
from app.domain.protocol.values import BaselineMethod, IfWrong, PromptTime
from app.domain.vitals import ConsciousnessScale, Vital
from app.exchange.protocol_words import IF_WRONG, REFERENCES, UNITS, title_of
from app.exchange.words import SCALES, plain, sentence

OF_THE_ADDRESS = frozenset({"id", "version", "route"})
"""What says which version it is: no field of a form."""
_SOURCE = "Where this comes from"
_INTERVAL = "No shorter than the wait between two sets after the dose and its grace."
_PAIR = "A raised pressure is one that is so high or higher."

Called = tuple[str, str, str]
"""What a field is called, its unit, and what more has to be said of it; either may be empty."""


@dataclass(frozen=True, slots=True)
class FormChoice:
    """One thing that may be chosen, by its code, in words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form. `name`: within its table; `low` to `high`, inclusive, of a whole number."""

    name: str
    label: str
    unit: str
    hint: str
    kind: FieldKind
    required: bool
    low: int | None
    high: int | None
    longest: int | None
    choices: tuple[FormChoice, ...]


@dataclass(frozen=True, slots=True)
class FormTable:
    """One table of the file under its dotted name, and its fields. Not required: it may be left out whole."""

    table: str
    title: str
    required: bool
    fields: tuple[FormField, ...]


@cache
def form_of(route: Route) -> tuple[FormTable, ...]:
    """Every field that a version of this route may have, by table. `*` is a name that the clinic chooses itself."""
    called = dict(_called())
    return tuple(
        FormTable(
            table.path,
            title_of(table.path),
            table.required,
            # where a number comes from is said after it
            tuple(
                _field(called, table.path, shape)
                for shape in sorted(table.fields, key=lambda shape: shape.name == "source")
                if table.path or shape.name not in OF_THE_ADDRESS
            ),
        )
        for table in tables_of(route)
    )


def _field(called: dict[str, Called], table: str, shape: FieldShape) -> FormField:
    label, unit, hint = (_SOURCE, "", "") if shape.name == "source" else called[f"{table}.{shape.name}".lstrip(".")]
    return FormField(
        name=shape.name,
        label=label,
        unit=unit,
        hint=hint,
        kind=shape.kind,
        required=shape.required,
        low=shape.band.low if shape.band else None,
        high=shape.band.high if shape.band else None,
        longest=shape.longest,
        choices=tuple(FormChoice(value, _CHOICES.get(value, sentence(plain(value)))) for value in shape.choices),
    )


_CHOICES: dict[str, str] = {
    **{method.value: REFERENCES[method] for method in BaselineMethod},
    **{scale.value: SCALES[scale.value] for scale in ConsciousnessScale},
    **{answer.value: sentence(IF_WRONG[answer]) for answer in IfWrong},
    "cadss": "CADSS",
    "cadss-6": "CADSS-6",
}


def _called() -> Iterator[tuple[str, Called]]:
    """What every field is called, by its dotted path; a test holds it to the schema, both ways."""
    yield from _ALONE.items()
    for vital in Vital:
        unit = UNITS[vital]
        yield f"baseline.{vital}.floor", ("A reading is not sound below", unit, "")
        yield f"baseline.{vital}.ceiling", ("A reading is not sound above", unit, "")
        yield f"concern.{vital}.floor", ("Shown at once below", unit, "")
        yield f"concern.{vital}.ceiling", ("Shown at once above", unit, "")
        yield f"concern.{vital}.delta", ("Shown at once where farther from the baseline than", unit, "")
        yield f"concern.{vital}.acknowledge", ("A clinician must acknowledge it", "", "")
    for vital, criterion in RECOVERED.items():
        for word, unit in (("percent", "%"), ("delta", UNITS[vital])):
            at = f"criteria.{criterion}.{word}"
            yield at, ("From the baseline, up or down, at most", unit, "Or each direction by itself.")
            yield f"{at}_up", ("Above the baseline by at most", unit, "")
            yield f"{at}_down", ("Below the baseline by at most", unit, "")
        yield f"criteria.{criterion}.floor", ("Not below", UNITS[vital], "")
        yield f"criteria.{criterion}.ceiling", ("Not above", UNITS[vital], "")
    for when in PromptTime:
        for at in (f"prompts.{when}", f"prompts.{when}.once"):
            yield f"{at}.systolic", ("Systolic from", "mmHg", _PAIR)
            yield f"{at}.diastolic", ("Diastolic from", "mmHg", "")
        yield f"prompts.{when}.again_minutes", ("Measured again after", "min", "")


_ALONE: dict[str, Called] = {
    "example": ("It is an example, not a protocol of the clinic's own", "", "An example is marked as one everywhere."),
    "schedule.baseline": ("Before the dose, a set every", "min", ""),
    "schedule.infusion": ("During the dose, a set every", "min", ""),
    "schedule.recovery": ("After the dose, a set every", "min", ""),
    "schedule.grace": ("A set is overdue after", "min", ""),
    "baseline.rule": ("The baseline is", "", ""),
    "baseline.min_readings": ("Readings before the dose, at least", "", ""),
    "baseline.max_age_minutes": ("When the dose begins, none is older than", "min", ""),
    "baseline.spacing": ("Apart by at least", "min", ""),
    "criteria.spo2-recovered.floor": ("Not below", "%", ""),
    "criteria.spo2-recovered.max_drop": ("Below the baseline by at most", "points", ""),
    "criteria.consciousness-recovered.scale": ("Consciousness is graded by", "", ""),
    "criteria.dissociation-absent.instrument": ("A score is asked for, of", "", "Beside the nurse's own grade."),
    "criteria.minutes-since-dose.infusion-end": ("Since the end of the infusion, at least", "min", ""),
    "criteria.minutes-since-dose.first-device": ("Since the first nasal device, at least", "min", ""),
    "criteria.minutes-since-dose.last-device": ("Since the last nasal device, at least", "min", ""),
    "criteria.sustained.sets": ("Good sets in a row, at least", "", ""),
    "criteria.sustained.minutes": ("From the first to the last of them, at least", "min", ""),
    "criteria.sustained.spacing": ("Of sets nearer than this one counts", "min", ""),
    "criteria.sustained.max_gap": ("A gap longer than this begins anew", "min", _INTERVAL),
    "criteria.fresh.minutes": ("The newest complete set is younger than", "min", _INTERVAL),
    "criteria.symptoms-settled.from_severity": ("A symptom is in the way from", "", ""),
    "criteria.symptoms-settled.always": ("In the way at any severity", "", ""),
    f"criteria.medication-settled.minutes.{ANY}": ("At least", "min", "One that is not listed takes the longest."),
    "criteria.tablets-in-step.seconds": ("An enrolled tablet may be silent for less than", "s", ""),
    "same-day.hours": ("The answers hold for", "hours", ""),
    f"same-day.{ANY}.question": ("The question", "", ""),
    f"same-day.{ANY}.right": ("The right answer", "", ""),
    f"same-day.{ANY}.wrong": ("The other answer", "", ""),
    f"same-day.{ANY}.if_wrong": ("Where it is the other answer", "", ""),
    "escort.by_phone": ("A call to the escort may be recorded", "", "It stands for nobody's being here."),
    "signature.minutes": ("A set that has only grown old keeps nobody here for", "min", "Counted from the signature."),
}
