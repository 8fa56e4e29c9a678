"""However long a session was, its pack is one that our own verifier takes, and grows with its sets and no faster."""

from app.exchange.pack import LARGEST, Outcome, make_pack, verify_pack
from tests.exchange.pack import stories

FEW, MANY = 25, 500


def test_a_session_of_five_hundred_sets_gives_a_pack_that_holds(kept):
    sizes = {}
    for sets in (FEW, MANY):
        ward, session_id = stories.long(kept, sets)
        taken = stories.take(ward, session_id, now=sets + 40)
        assert len(taken.record.readings) == sets
        assert len(taken.record.assessments) >= sets - 2
        pack = make_pack(taken)
        assert [line for line in verify_pack(pack) if line.outcome is not Outcome.HOLDS] == []
        sizes[sets] = len(pack)
    print(f"{sizes[FEW]} bytes of {FEW} sets, {sizes[MANY]} of {MANY}")
    assert sizes[MANY] < LARGEST
    assert sizes[MANY] / MANY <= 1.5 * sizes[FEW] / FEW
