"""Groups: every session in each of its own, none left out in silence; and what of them may leave the clinic."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.assessment import Criterion
from app.domain.events import Route
from app.domain.own_evidence.counted import CountedSession, ProtocolNamed, Telling
from app.domain.own_evidence.groups import By, Portion, compared, groups_of
from app.domain.own_evidence.intervals import Seen
from app.domain.own_evidence.outside import outside, tens
from app.domain.own_evidence.went import Stretch
from app.exchange.own_evidence import COLUMNS, evidence_csv, group_document

IV, OTHER = ProtocolNamed("iv", 1), ProtocolNamed("iv", 2)
PLAIN = Telling(
    route=Route.IV_INFUSION,
    protocol=IV,
    minutes={Stretch.DOSE_END_TO_FLAG: 60},
    last_in_way=frozenset({Criterion.GAIT_STEADY}),
    sets=Seen(1, 10),
    values=Seen(0, 90),
    withdrawn=False,
)


def sessions(patients, month="2026-03", first=0, each=1, **told):
    return [
        CountedSession(month, UUID(int=first + number), replace(PLAIN, **told))
        for number in range(patients)
        for _ in range(each)
    ]


def by(groups, kind):
    return {(one.key.month, one.key.protocol): one for one in groups if one.key.by is kind}


def test_every_session_is_in_each_of_its_groups():
    held = sessions(12, each=2) + sessions(3, "2026-04", first=50, protocol=OTHER)
    groups = groups_of(held)
    assert [one.key.by for one in groups[:4]] == [By.ALL, By.MONTH, By.MONTH, By.ROUTE]
    assert (groups[0].sessions, groups[0].patients) == (27, 15)
    assert {key: one.sessions for key, one in by(groups, By.PROTOCOL).items()} == {(None, IV): 24, (None, OTHER): 3}
    for kind in (By.MONTH, By.ROUTE, By.PROTOCOL, By.MONTH_AND_ROUTE, By.MONTH_AND_PROTOCOL):
        assert sum(one.sessions for one in by(groups, kind).values()) == 27


def test_a_session_that_cannot_be_worked_out_is_counted_and_says_so():
    groups = groups_of([*sessions(12), CountedSession("2026-03", UUID(int=99), None)])
    whole, month = groups[0], by(groups, By.MONTH)["2026-03", None]
    for one in (whole, month):
        assert (one.sessions, one.unknown, one.patients) == (13, 1, 13)
        assert one.minutes[Stretch.DOSE_END_TO_FLAG].sessions == 12
    assert by(groups, By.PROTOCOL)[None, IV].unknown == 0


def test_of_no_session_there_is_the_whole_alone():
    (whole,) = groups_of([])
    assert (whole.sessions, whole.portions[Portion.SETS_LATE].share, whole.last_in_way) == (0, None, {})


def test_what_too_few_tell_of_is_counted_and_no_more():
    (whole, *_) = groups_of(sessions(10, each=9))
    assert whole.minutes[Stretch.DOSE_END_TO_FLAG].sessions == 90
    assert whole.minutes[Stretch.DOSE_END_TO_FLAG].middle is None
    assert (whole.portions[Portion.SETS_LATE].hits, whole.portions[Portion.SETS_LATE].share) == (90, None)


def test_what_is_not_known_of_a_session_is_in_no_share():
    held = sessions(12) + sessions(12, first=50, withdrawn=None, last_in_way=None, minutes={})
    (whole, *_) = groups_of(held)
    assert whole.portions[Portion.WITHDRAWN_AFTER_SIGNING].of == 12
    assert whole.minutes[Stretch.DOSE_END_TO_FLAG].sessions == 12
    assert whole.last_in_way[Criterion.GAIT_STEADY].of == 12


def test_several_can_be_last_and_the_most_frequent_is_named_first():
    both = frozenset({Criterion.GAIT_STEADY, Criterion.SUSTAINED})
    (whole, *_) = groups_of(sessions(12) + sessions(12, first=50, last_in_way=both))
    assert [(name, one.hits, one.of) for name, one in whole.last_in_way.items()] == [
        (Criterion.GAIT_STEADY, 24, 24),
        (Criterion.SUSTAINED, 12, 24),
    ]


def test_protocols_are_compared_with_the_one_of_their_route_that_has_most_sessions():
    later = sessions(20, first=50, protocol=OTHER, minutes={Stretch.DOSE_END_TO_FLAG: 75})
    nasal = sessions(20, first=90, protocol=ProtocolNamed("nasal", 1), route=Route.INTRANASAL)
    found = compared(groups_of(sessions(30) + later + nasal))
    assert {(one.protocol, one.than) for one in found} == {(OTHER, IV)}
    flag = next(one for one in found if one.measure is Stretch.DOSE_END_TO_FLAG)
    assert (flag.more.value, flag.differs) == (15, True)
    assert not next(one for one in found if one.measure is Portion.SETS_LATE).differs
    assert compared(groups_of(sessions(30) + later[:10])) == []


# --- outside the clinic ----------------------------------------------------------------------------------------------

TWO_MONTHS = sessions(25, each=3) + sessions(40, "2026-04", each=2)


def leaving(held):
    return [group_document(one) for one in outside(groups_of(held))]


def test_what_leaves_is_by_month_and_protocol_alone():
    found = leaving(TWO_MONTHS)
    assert [(one["by"], one["month"]) for one in found] == [
        ("month-and-protocol", "2026-03"),
        ("month-and-protocol", "2026-04"),
    ]


@pytest.mark.parametrize("patients", [1, 5, 10])
@pytest.mark.parametrize("other", [{"protocol": OTHER}, {"month": "2026-05"}, {"month": "2026-05", "protocol": OTHER}])
def test_a_small_group_leaves_no_trace_at_all(patients, other):
    """Whatever is subtracted from whatever: what leaves is the same without it, to the byte."""
    small = sessions(patients, each=30, first=500, sets=Seen(9, 9), **other)
    assert leaving(TWO_MONTHS + small) == leaving(TWO_MONTHS)
    assert evidence_csv(outside(groups_of(TWO_MONTHS + small))) == evidence_csv(outside(groups_of(TWO_MONTHS)))


def test_eleven_are_shown():
    small = sessions(11, "2026-05", first=500)
    assert [one["month"] for one in leaving(TWO_MONTHS + small)] == ["2026-03", "2026-04", "2026-05"]


def test_a_month_says_the_same_whatever_other_months_are_asked_for():
    alone = leaving([one for one in TWO_MONTHS if one.month == "2026-03"])
    assert alone == leaving(TWO_MONTHS)[:1]


@pytest.mark.parametrize("having", [0, 1, 10, 30, 39, 40])
def test_what_few_have_or_all_but_few_is_not_told(having):
    held = [replace(one, told=replace(one.told, withdrawn=one.patient_id.int < having)) for one in sessions(40, each=3)]
    (found,) = leaving(held)
    portion = next(one for one in found["portions"] if one["portion"] == "withdrawn-after-signing")
    told = 11 <= having <= 29
    assert (portion["count"] is not None, portion["share"] is not None) == (told, told)
    if not told:
        assert {portion[name] for name in ("count", "of", "patients", "share", "low", "high")} == {None}


def test_many_sessions_of_few_patients_are_few():
    held = sessions(40, each=2, withdrawn=False) + sessions(10, each=20, withdrawn=True)
    (found,) = leaving(held)
    assert next(one for one in found["portions"] if one["portion"] == "withdrawn-after-signing")["count"] is None


def test_a_criterion_that_few_waited_for_is_not_named():
    held = sessions(40, each=2) + sessions(10, each=20, last_in_way=frozenset({Criterion.ESCORT_PRESENT}))
    (found,) = leaving(held)
    assert found["last_in_way"] == []


def test_counts_are_rounded_so_that_one_more_is_not_seen():
    assert [tens(count) for count in (None, 0, 10, 11, 14, 15, 24, 25)] == [None, None, None, 10, 10, 20, 20, 30]
    (found,) = leaving(sessions(23, each=2))
    assert (found["sessions"], found["patients"], found["unknown"]) == (50, 20, None)
    assert found == leaving(sessions(23, each=2) + sessions(1, each=1))[0] | {"portions": found["portions"]}


def test_the_rows_say_what_the_document_says():
    groups = groups_of(TWO_MONTHS)
    lines = evidence_csv(groups).decode().split("\r\n")
    assert lines[0].split(",") == list(COLUMNS)
    told = sum(
        len(one["last_in_way"]) + len(one["minutes"]) + len(one["portions"]) for one in map(group_document, groups)
    )
    assert len(lines) == 1 + told + 1
    assert "month,2026-03,,,,75,25,0,dose-end-to-flag,,75,,25,60,60,60,60,60" in lines
