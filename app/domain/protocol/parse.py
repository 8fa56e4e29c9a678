"""From a document to a `Protocol`: a closed schema of whole numbers inside fixed bands, with no expressions.

Every limit a criterion needs must be there; nothing is filled in. All faults are reported at once, each with its
dotted path and what would be right.
"""

from collections.abc import Mapping

from app.domain.assessment import Criterion
from app.domain.canonical import Json, digest
from app.domain.errors import FieldError, Invalid
from app.domain.events import Route
from app.domain.protocol import bands
from app.domain.protocol.tables import Table
from app.domain.protocol.values import (
    AbsoluteLimits,
    BaselineMethod,
    BaselineRule,
    ConcernLimits,
    DoseClock,
    Protocol,
    RecoveryLimits,
    Schedule,
    Spo2Limits,
    Sustained,
    SymptomRule,
)
from app.domain.symptoms import Severity, SymptomCode
from app.domain.texts import is_kebab
from app.domain.vitals import INSTRUMENTS, Band, ConsciousnessScale, Vital

RECOVERED: dict[Vital, Criterion] = {
    Vital.HEART_RATE: Criterion.HEART_RATE_RECOVERED,
    Vital.SYSTOLIC: Criterion.SYSTOLIC_RECOVERED,
    Vital.DIASTOLIC: Criterion.DIASTOLIC_RECOVERED,
    Vital.RESPIRATORY_RATE: Criterion.RESPIRATORY_RATE_RECOVERED,
}
"""The vitals compared with a relative limit, and their criteria. SpO2 has a floor and a drop instead."""

DOSE_CLOCKS: dict[Route, tuple[DoseClock, ...]] = {
    Route.IV_INFUSION: (DoseClock.INFUSION_END,),
    Route.INTRANASAL: (DoseClock.FIRST_DEVICE, DoseClock.LAST_DEVICE),
}
"""The clocks a protocol of each route must name, and no others."""

LONGEST_CODE = 64
SOURCE = "the source of these numbers, in a sentence"


class ProtocolInvalid(Invalid):
    """This protocol cannot be used."""

    code = "protocol-invalid"


def parse(document: Mapping[str, object]) -> Protocol:
    """The protocol `document` describes. Raises `ProtocolInvalid` with every fault in `errors`."""
    faults: list[FieldError] = []
    reader = _Reader(Table(document, "", faults), faults)
    protocol = reader.protocol()
    if protocol is None or faults:
        count = len(faults)
        raise ProtocolInvalid(f"This protocol has {count} fault{'' if count == 1 else 's'}.", errors=faults)
    return protocol


class _Reader:
    """Walks one document; `sources` fills up on the way."""

    def __init__(self, top: Table, faults: list[FieldError]) -> None:
        self.top = top
        self.faults = faults
        self.sources: dict[str, str] = {}

    def source(self, table: Table, *, required: bool) -> None:
        """Keep the table's `source`."""
        text = table.text("source", SOURCE, required=required)
        if text:
            self.sources[table.path] = text

    def protocol(self) -> Protocol | None:
        """The whole; what it holds is right only where no fault was recorded. None where an enum was not readable."""
        top = self.top
        name = top.text("id", "a name in lower-case words joined by hyphens")
        if name.strip() and (not is_kebab(name) or len(name) > LONGEST_CODE):
            top.fault("id", f"use lower-case words joined by hyphens, at most {LONGEST_CODE} characters")
        version = top.integer("version", bands.VERSION)
        route = top.choice("route", Route)
        example = top.boolean("example", absent=False)
        schedule = self.schedule()
        baseline = self.baseline()
        concerns = self.concerns()
        signature = self.required(top, "signature")
        signature_minutes = signature.integer("minutes", bands.SIGNATURE_MINUTES)
        self.source(signature, required=False)
        signature.close()

        criteria = self.required(top, "criteria")
        tables = {criterion: self.required(criteria, criterion.value) for criterion in Criterion}
        for table in tables.values():
            self.source(table, required=True)
        recovery = {vital: self.recovery(vital, tables[criterion]) for vital, criterion in RECOVERED.items()}
        spo2_table = tables[Criterion.SPO2_RECOVERED]
        spo2 = Spo2Limits(
            floor=spo2_table.integer("floor", bands.SPO2_FLOOR),
            max_drop=spo2_table.integer("max_drop", bands.SPO2_MAX_DROP),
        )
        scale = tables[Criterion.CONSCIOUSNESS_RECOVERED].choice("scale", ConsciousnessScale)
        instrument = self.instrument(tables[Criterion.DISSOCIATION_ABSENT])
        dose_minutes = self.dose_minutes(tables[Criterion.MINUTES_SINCE_DOSE], route)
        sustained = self.sustained(tables[Criterion.SUSTAINED], schedule)
        fresh = self.after_interval(tables[Criterion.FRESH], "minutes", schedule, bands.FRESH_HIGH)
        symptoms = self.symptoms(tables[Criterion.SYMPTOMS_SETTLED])
        medication = self.medication(tables[Criterion.MEDICATION_SETTLED])
        tablet_seconds = tables[Criterion.TABLETS_IN_STEP].integer("seconds", bands.TABLET_SECONDS)
        for table in (*tables.values(), criteria, top):
            table.close()

        if self.faults or route is None or scale is None or symptoms is None or baseline is None:
            return None
        plain = _plain(top.content)
        return Protocol(
            id=name,
            version=version,
            route=route,
            example=example,
            schedule=schedule,
            baseline=baseline,
            recovery=recovery,
            spo2=spo2,
            consciousness_scale=scale,
            dissociation_instrument=instrument,
            dose_minutes=dose_minutes,
            sustained=sustained,
            fresh_minutes=fresh,
            symptoms=symptoms,
            medication_minutes=medication,
            tablet_seconds=tablet_seconds,
            concerns=concerns,
            signature_minutes=signature_minutes,
            sources=self.sources,
            document=plain,
            content_hash=digest(plain),
        )

    @staticmethod
    def required(table: Table, key: str) -> Table:
        """A table that must be there; an empty, faulty one stands in."""
        found = table.table(key)
        assert found is not None
        return found

    def schedule(self) -> Schedule:
        """[schedule]: minutes between sets."""
        table = self.required(self.top, "schedule")
        found = Schedule(
            baseline=table.integer("baseline", bands.SCHEDULE_INTERVAL),
            infusion=table.integer("infusion", bands.SCHEDULE_INTERVAL),
            recovery=table.integer("recovery", bands.SCHEDULE_INTERVAL),
            grace=table.integer("grace", bands.GRACE),
        )
        self.source(table, required=False)
        table.close()
        return found

    def baseline(self) -> BaselineRule | None:
        """[baseline] and its [baseline.<vital>] tables."""
        table = self.required(self.top, "baseline")
        method = table.choice("rule", BaselineMethod)
        self.source(table, required=True)
        limits: dict[Vital, AbsoluteLimits] = {}
        for vital, (floor, ceiling) in bands.BASELINE_LIMITS.items():
            inner = table.table(vital.value, required=False)
            if inner is None:
                continue
            limits[vital] = AbsoluteLimits(
                floor=inner.optional_integer("floor", floor),
                ceiling=inner.optional_integer("ceiling", ceiling),
            )
            if inner.sound and not inner.has("floor") and not inner.has("ceiling"):
                inner.fault("floor", "is missing: give a floor or a ceiling, or leave the table out")
            self.source(inner, required=True)
            inner.close()
        rule = BaselineRule(
            min_readings=table.integer("min_readings", bands.MIN_READINGS),
            max_age_minutes=table.integer("max_age_minutes", bands.MAX_AGE_MINUTES),
            spacing=table.integer("spacing", bands.BASELINE_SPACING),
            method=method or BaselineMethod.MEAN,
            limits=limits,
        )
        if (rule.min_readings - 1) * rule.spacing >= rule.max_age_minutes:
            table.fault(
                "max_age_minutes",
                f"is {rule.max_age_minutes}: {rule.min_readings} readings {rule.spacing} minutes apart"
                f" need at least {(rule.min_readings - 1) * rule.spacing + 1}",
            )
        table.close()
        return rule if method else None

    @staticmethod
    def recovery(vital: Vital, table: Table) -> RecoveryLimits:
        """A vital's limits: something relative in each direction, and floor, and ceiling."""
        band = bands.RECOVERY[vital]
        found = {
            key: table.optional_integer(key, within)
            for word, within in (("percent", bands.PERCENT), ("delta", band.delta))
            for key in (word, f"{word}_up", f"{word}_down")
        }
        for word in ("percent", "delta"):
            for direction in ("up", "down"):
                if table.has(word) and table.has(f"{word}_{direction}"):
                    table.fault(f"{word}_{direction}", f"says twice what {word} says for both directions: keep one")
        for direction in ("up", "down"):
            keys = ("percent", f"percent_{direction}", "delta", f"delta_{direction}")
            if table.sound and not any(table.has(key) for key in keys):
                table.fault(
                    f"percent_{direction}",
                    f"is missing: give percent or delta (both directions), or percent_{direction} or delta_{direction}",
                )
        return RecoveryLimits(
            percent_up=_either(found["percent"], found["percent_up"]),
            percent_down=_either(found["percent"], found["percent_down"]),
            delta_up=_either(found["delta"], found["delta_up"]),
            delta_down=_either(found["delta"], found["delta_down"]),
            floor=table.integer("floor", band.floor),
            ceiling=table.integer("ceiling", band.ceiling),
        )

    @staticmethod
    def instrument(table: Table) -> str | None:
        """The instrument a dissociation score must come from, where the protocol wants one."""
        if not table.has("instrument"):
            return None
        names = sorted({name for name, _ in INSTRUMENTS})
        text = table.text("instrument", f"one of {', '.join(names)}")
        if text.strip() and text not in names:
            table.fault("instrument", f"is not a known instrument: give one of {', '.join(names)}")
        return text

    @staticmethod
    def dose_minutes(table: Table, route: Route | None) -> dict[DoseClock, int]:
        """The clocks of the protocol's route, all of them and no others."""
        found: dict[DoseClock, int] = {}
        for clock, band in bands.DOSE_MINUTES.items():
            if route is None or clock in DOSE_CLOCKS[route]:
                # with an unreadable route nothing can be missing yet, but what is there is still checked
                value = table.optional_integer(clock.value, band) if route is None else table.integer(clock.value, band)
                if value is not None:
                    found[clock] = value
            elif table.has(clock.value):
                table.fault(clock.value, f"does not belong to the route {route.value}: leave it out")
        return found

    @staticmethod
    def after_interval(table: Table, key: str, schedule: Schedule, high: int) -> int:
        """A number of minutes that no set on schedule can exceed."""
        low = schedule.recovery + schedule.grace
        if low > high:
            table.has(key)
            table.fault(
                key, f"must be at least the recovery interval plus grace ({low}) and at most {high}: shorten those"
            )
            return high
        return table.integer(key, Band(low, high), " (from the recovery interval plus grace)")

    def sustained(self, table: Table, schedule: Schedule) -> Sustained:
        """How many good sets, over how long."""
        return Sustained(
            sets=table.integer("sets", bands.SETS),
            minutes=table.integer("minutes", bands.SUSTAINED_MINUTES),
            spacing=table.integer("spacing", bands.SET_SPACING),
            max_gap=self.after_interval(table, "max_gap", schedule, bands.MAX_GAP_HIGH),
        )

    @staticmethod
    def symptoms(table: Table) -> SymptomRule | None:
        """From which severity a symptom blocks, and which always do."""
        # severe alone is refused: a moderate symptom must never pass unseen
        severity = table.choice("from_severity", (Severity.MILD, Severity.MODERATE))
        always = table.codes("always", SymptomCode)
        return SymptomRule(severity, always) if severity else None

    @classmethod
    def medication(cls, table: Table) -> dict[str, int]:
        """Minutes by medication code, at least one: what is not listed takes the longest."""
        inner = cls.required(table, "minutes")
        found: dict[str, int] = {}
        for key in inner.content:
            if not isinstance(key, str) or not is_kebab(key) or len(key) > LONGEST_CODE:
                inner.fault(str(key), "name the medication in lower-case words joined by hyphens")
                inner.known.append(str(key))
                continue
            found[key] = inner.integer(key, bands.MEDICATION_MINUTES)
        if inner.sound and not inner.content:
            table.fault("minutes", "is empty: one that is not listed takes the longest, so list at least one")
        inner.close()
        return found

    def concerns(self) -> dict[Vital, ConcernLimits]:
        """[concern.<vital>]: what is shown at once. A vital without a table concerns nobody."""
        outer = self.top.table("concern", required=False)
        if outer is None:
            return {}
        found: dict[Vital, ConcernLimits] = {}
        for vital in Vital:
            table = outer.table(vital.value, required=False)
            if table is None:
                continue
            limits = ConcernLimits(
                floor=table.optional_integer("floor", bands.CONCERN_LIMITS[vital]),
                ceiling=table.optional_integer("ceiling", bands.CONCERN_LIMITS[vital]),
                delta=table.optional_integer("delta", bands.CONCERN_DELTA[vital]),
                acknowledge=table.boolean("acknowledge"),
            )
            if table.sound and not any(table.has(key) for key in ("floor", "ceiling", "delta")):
                table.fault("ceiling", "is missing: give a floor, a ceiling or a delta, or leave the table out")
            if limits.floor is not None and limits.ceiling is not None and limits.floor >= limits.ceiling:
                table.fault("floor", f"is {limits.floor}: it must be below the ceiling {limits.ceiling}")
            self.source(table, required=False)
            table.close()
            found[vital] = limits
        outer.close()
        return found


def _either(both: int | None, one: int | None) -> int | None:
    return one if both is None else both


def _plain(value: Mapping[object, object]) -> dict[str, Json]:
    """A copy that nobody else holds. Every value was checked on the way: only JSON is left."""
    return {str(key): _plain_value(item) for key, item in value.items()}


def _plain_value(value: object) -> Json:
    match value:
        case Mapping():
            return _plain(value)
        case list() | tuple():
            return [_plain_value(item) for item in value]
        case bool() | int() | str():
            return value
        case _:  # pragma: no cover - the schema lets nothing else through
            raise TypeError(type(value).__name__)
