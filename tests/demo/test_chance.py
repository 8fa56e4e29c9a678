from datetime import UTC, datetime, timedelta
from random import Random

from app.demo.chance import seeded_id

AT = datetime(2026, 3, 7, 13, 0, tzinfo=UTC)


def test_ids_are_proper_uuids_and_the_same_for_the_same_seed() -> None:
    assert seeded_id(Random(1)).version == 4
    assert seeded_id(Random(1), AT).version == 7
    assert seeded_id(Random(1), AT).variant == seeded_id(Random(1)).variant
    assert seeded_id(Random(1), AT) == seeded_id(Random(1), AT)
    assert seeded_id(Random(1), AT) != seeded_id(Random(2), AT)


def test_ids_sort_by_age() -> None:
    chance = Random(3)
    made = [seeded_id(chance, AT + timedelta(seconds=second)) for second in range(50)]
    assert made == sorted(made)
