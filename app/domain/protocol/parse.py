"""Judging drafts: a closed schema of whole numbers inside fixed bands, with no expressions.

Every limit a criterion needs must be there; nothing is filled in. All faults are reported at once, each with its
dotted path and what would be right. What is without fault is decoded by `decode`, which also reads what was approved
before: that is never judged again.
"""

from collections.abc import Mapping

from app.domain.assessment import Criterion
from app.domain.errors import FieldError, Invalid
from app.domain.events import Route
from app.domain.protocol import bands
from app.domain.protocol.decode import RECOVERED, decode
from app.domain.protocol.tables import LONGEST_CODE, Table
from app.domain.protocol.values import BaselineMethod, DoseClock, IfWrong, PromptTime, Protocol
from app.domain.symptoms import Severity, SymptomCode
from app.domain.texts import is_kebab
from app.domain.vitals import INSTRUMENTS, Band, ConsciousnessScale, Vital

DOSE_CLOCKS: dict[Route, tuple[DoseClock, ...]] = {
    Route.IV_INFUSION: (DoseClock.INFUSION_END,),
    Route.INTRANASAL: (DoseClock.FIRST_DEVICE, DoseClock.LAST_DEVICE),
}
"""The clocks a protocol of each route must name, and no others."""

SOURCE = "the source of these numbers, in a sentence"
LONGEST_QUESTION, LONGEST_ANSWER = 120, 60
"""Characters: what stands on one line of a tablet, with its answers beside it."""


class ProtocolInvalid(Invalid):
    """This protocol cannot be used."""

    code = "protocol-invalid"


def parse(document: Mapping[str, object]) -> Protocol:
    """The protocol that a draft describes. Raises `ProtocolInvalid` with every fault in `errors`."""
    faults: list[FieldError] = []
    judge(Table(document, "", faults))
    if faults:
        count = len(faults)
        raise ProtocolInvalid(f"This protocol has {count} fault{'' if count == 1 else 's'}.", errors=faults)
    return decode(document)


def judge(top: Table) -> None:
    """Records every fault of a draft. What it asks a table for is the schema: `fields` reads it from here."""
    name = top.text("id", "a name in lower-case words joined by hyphens")
    if name.strip() and (not is_kebab(name) or len(name) > LONGEST_CODE):
        top.fault("id", f"use lower-case words joined by hyphens, at most {LONGEST_CODE} characters")
    top.integer("version", bands.VERSION)
    route = top.choice("route", Route)
    top.boolean("example", absent=False)
    longest_wait = _schedule(_required(top, "schedule"))
    _baseline(_required(top, "baseline"))
    _concerns(top.table("concern", required=False))
    _prompts(top.table("prompts", required=False))
    _same_day(top.table("same-day", required=False))
    _escort(top.table("escort", required=False))
    signature = _required(top, "signature")
    signature.integer("minutes", bands.SIGNATURE_MINUTES)
    _source(signature, required=False)
    signature.close()

    criteria = _required(top, "criteria")
    tables = {criterion: _required(criteria, criterion.value) for criterion in Criterion}
    for table in tables.values():
        _source(table, required=True)
    for vital, criterion in RECOVERED.items():
        _recovery(bands.RECOVERY[vital], tables[criterion])
    tables[Criterion.SPO2_RECOVERED].integer("floor", bands.SPO2_FLOOR)
    tables[Criterion.SPO2_RECOVERED].integer("max_drop", bands.SPO2_MAX_DROP)
    tables[Criterion.CONSCIOUSNESS_RECOVERED].choice("scale", ConsciousnessScale)
    _instrument(tables[Criterion.DISSOCIATION_ABSENT])
    _dose_minutes(tables[Criterion.MINUTES_SINCE_DOSE], route)
    _sustained(tables[Criterion.SUSTAINED], longest_wait)
    _after_interval(tables[Criterion.FRESH], "minutes", longest_wait, bands.FRESH_HIGH)
    _symptoms(tables[Criterion.SYMPTOMS_SETTLED])
    _medication(tables[Criterion.MEDICATION_SETTLED])
    tables[Criterion.TABLETS_IN_STEP].integer("seconds", bands.TABLET_SECONDS)
    for table in (*tables.values(), criteria, top):
        table.close()


def _source(table: Table, *, required: bool) -> None:
    table.text("source", SOURCE, required=required)


def _required(table: Table, key: str) -> Table:
    """A table that must be there; an empty, faulty one stands in."""
    found = table.table(key)
    assert found is not None
    return found


def _schedule(table: Table) -> int:
    """[schedule]: minutes between sets. The longest that two recovery sets on schedule lie apart."""
    table.integer("baseline", bands.SCHEDULE_INTERVAL)
    table.integer("infusion", bands.SCHEDULE_INTERVAL)
    longest_wait = table.integer("recovery", bands.SCHEDULE_INTERVAL) + table.integer("grace", bands.GRACE)
    _source(table, required=False)
    table.close()
    return longest_wait


def _baseline(table: Table) -> None:
    """[baseline] and its [baseline.<vital>] tables."""
    table.choice("rule", BaselineMethod)
    _source(table, required=True)
    for vital, (floor, ceiling) in bands.BASELINE_LIMITS.items():
        inner = table.table(vital.value, required=False)
        if inner is None:
            continue
        inner.optional_integer("floor", floor)
        inner.optional_integer("ceiling", ceiling)
        if inner.sound and not inner.has("floor") and not inner.has("ceiling"):
            inner.fault("floor", "is missing: give a floor or a ceiling, or leave the table out")
        _source(inner, required=True)
        inner.close()
    min_readings = table.integer("min_readings", bands.MIN_READINGS)
    max_age = table.integer("max_age_minutes", bands.MAX_AGE_MINUTES)
    spacing = table.integer("spacing", bands.BASELINE_SPACING)
    if (min_readings - 1) * spacing >= max_age:
        table.fault(
            "max_age_minutes",
            f"is {max_age}: {min_readings} readings {spacing} minutes apart"
            f" need at least {(min_readings - 1) * spacing + 1}",
        )
    table.close()


def _recovery(band: bands.RecoveryBands, table: Table) -> None:
    """A vital's limits: something relative in each direction, and floor, and ceiling."""
    for word, within in (("percent", bands.PERCENT), ("delta", band.delta)):
        for key in (word, f"{word}_up", f"{word}_down"):
            table.optional_integer(key, within)
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
    table.integer("floor", band.floor)
    table.integer("ceiling", band.ceiling)


def _instrument(table: Table) -> None:
    """The instrument a dissociation score must come from, where the protocol wants one."""
    table.optional_name("instrument", "instrument", (name for name, _ in INSTRUMENTS))


def _dose_minutes(table: Table, route: Route | None) -> None:
    """The clocks of the protocol's route, all of them and no others."""
    for clock, band in bands.DOSE_MINUTES.items():
        if route is None:
            # with an unreadable route nothing can be missing yet, but what is there is still checked
            table.optional_integer(clock.value, band)
        elif clock in DOSE_CLOCKS[route]:
            table.integer(clock.value, band)
        elif table.has(clock.value):
            table.fault(clock.value, f"does not belong to the route {route.value}: leave it out")


def _after_interval(table: Table, key: str, low: int, high: int) -> None:
    """A number of minutes that no set on schedule can exceed."""
    if low > high:
        table.has(key)
        table.fault(key, f"must be at least the recovery interval plus grace ({low}) and at most {high}: shorten those")
    else:
        table.integer(key, Band(low, high), " (from the recovery interval plus grace)")


def _sustained(table: Table, longest_wait: int) -> None:
    """How many good sets, over how long."""
    table.integer("sets", bands.SETS)
    table.integer("minutes", bands.SUSTAINED_MINUTES)
    table.integer("spacing", bands.SET_SPACING)
    _after_interval(table, "max_gap", longest_wait, bands.MAX_GAP_HIGH)


def _symptoms(table: Table) -> None:
    """From which severity a symptom blocks, and which always do."""
    # severe alone is refused: a moderate symptom must never pass unseen
    table.choice("from_severity", (Severity.MILD, Severity.MODERATE))
    table.codes("always", SymptomCode)


def _medication(table: Table) -> None:
    """Minutes by medication code, at least one: what is not listed takes the longest."""
    inner = _required(table, "minutes")
    for name in inner.own_names("medication"):
        inner.integer(name, bands.MEDICATION_MINUTES)
    if inner.sound and not inner.content:
        table.fault("minutes", "is empty: one that is not listed takes the longest, so list at least one")


def _concerns(outer: Table | None) -> None:
    """[concern.<vital>]: what is shown at once. A vital without a table concerns nobody."""
    if outer is None:
        return
    for vital in Vital:
        table = outer.table(vital.value, required=False)
        if table is None:
            continue
        floor = table.optional_integer("floor", bands.CONCERN_LIMITS[vital])
        ceiling = table.optional_integer("ceiling", bands.CONCERN_LIMITS[vital])
        table.optional_integer("delta", bands.CONCERN_DELTA[vital])
        table.boolean("acknowledge")
        if table.sound and not any(table.has(key) for key in ("floor", "ceiling", "delta")):
            table.fault("ceiling", "is missing: give a floor, a ceiling or a delta, or leave the table out")
        if floor is not None and ceiling is not None and floor >= ceiling:
            table.fault("floor", f"is {floor}: it must be below the ceiling {ceiling}")
        _source(table, required=False)
        table.close()
    outer.close()


def _prompts(outer: Table | None) -> None:
    """[prompts.<time>]: what a raised blood pressure asks for. A time without a table asks for nothing."""
    if outer is None:
        return
    for when in PromptTime:
        table = outer.table(when.value, required=False)
        if table is None:
            continue
        within = bands.PROMPTS[when]
        again = (table.integer("systolic", within.systolic), table.integer("diastolic", within.diastolic))
        table.integer("again_minutes", bands.PROMPT_AGAIN)
        _source(table, required=True)
        once = table.table("once", required=False)
        if once is not None:
            at_once = (once.integer("systolic", within.once_systolic), once.integer("diastolic", within.once_diastolic))
            for key, low, high in zip(("systolic", "diastolic"), again, at_once, strict=True):
                # of a number that is at fault by itself nothing more is said
                if (table.content.get(key), once.content.get(key)) == (low, high) and low >= high:
                    once.fault(key, f"is {high}: it must be above {low}, from where it is measured again")
            once.close()
        table.close()
    outer.close()


def _same_day(table: Table | None) -> None:
    """[same-day] and its [same-day.<item>] tables: what is asked on the day, and what each wrong answer does."""
    if table is None:
        return
    table.integer("hours", bands.SAME_DAY_HOURS)
    _source(table, required=False)
    count = len(table.content.keys() - {"hours", "source"})
    within = bands.SAME_DAY_ITEMS
    if table.sound and not within.holds(count):
        said = f"has {count} items: give {within.low} to {within.high} tables, or leave it out"
        table.faults.append(FieldError(table.path, said))
    for name in table.own_names("item", "hours", "source"):
        if (item := table.table(name)) is not None:
            _item(item)
    table.close()


def _item(item: Table) -> None:
    item.line("question", "the question, in words", LONGEST_QUESTION)
    right = item.line("right", "the answer that is right, in words", LONGEST_ANSWER)
    wrong = item.line("wrong", "the other answer, in words", LONGEST_ANSWER)
    if right and right.strip().casefold() == wrong.strip().casefold():
        item.fault("wrong", "says the same as right: nobody could tell the two answers apart")
    item.choice("if_wrong", IfWrong)
    _source(item, required=True)
    item.close()


def _escort(table: Table | None) -> None:
    """[escort]: whether a call to the escort may be recorded. What the criterion wants, it does not say."""
    if table is None:
        return
    table.boolean("by_phone")
    _source(table, required=True)
    table.close()
