from datetime import date
from random import Random

from app.demo.clinic import Roster
from app.demo.patients import RECORD_NUMBER_PREFIX, invent, look_alike


def test_the_same_seed_invents_the_same_people() -> None:
    assert [invent(Random(3), n) for n in range(5)] == [invent(Random(3), n) for n in range(5)]


def test_everybody_has_an_id_and_a_number_of_their_own() -> None:
    chance = Random(1)
    people = [invent(chance, number) for number in range(2000)]
    assert len({one.id for one in people}) == len(people)
    assert len({one.record_number for one in people}) == len(people)
    assert all(one.record_number.startswith(RECORD_NUMBER_PREFIX) for one in people)
    assert all(18 <= one.age(date(2026, 3, 7)) <= 79 for one in people)


def test_age_turns_on_the_birthday() -> None:
    person = invent(Random(1), 1)
    born = person.birth_date
    if (born.month, born.day) != (2, 29):
        assert person.age(born.replace(year=born.year + 40)) == 40
    assert person.age(date(born.year + 1, 1, 1)) == (1 if (born.month, born.day) == (1, 1) else 0)


def test_a_look_alike_is_somebody_else_of_nearly_the_same_name() -> None:
    chance = Random(2)
    first = invent(chance, 1)
    second = look_alike(first, chance, 2)
    assert second.id != first.id
    assert second.record_number != first.record_number
    assert second.family_name == first.family_name
    assert second.given_name != first.given_name
    assert second.given_name[:3] == first.given_name[:3]
    assert abs((second.birth_date - first.birth_date).days) < 10


def test_nobody_comes_while_they_are_here() -> None:
    roster = Roster(Random(4))
    first = [roster.arrives() for _ in range(40)]
    assert len({one.person.id for one in first}) == 40
    for one in first:
        one.here = False
    again = [roster.arrives() for _ in range(40)]
    back = [one for one in again if one in first]
    assert back
    assert len({one.person.id for one in again}) == 40
    assert all(one.sessions == 2 for one in back)


def test_a_look_alike_comes_while_the_other_is_here() -> None:
    roster = Roster(Random(4))
    model = roster.arrives()
    twin = roster.arrives(alike=True)
    assert twin.person.family_name == model.person.family_name
    assert twin.person.id != model.person.id
