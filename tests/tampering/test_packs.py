"""Whatever is changed in a pack is named by the verifier, by part, place and kind: a seeded share of it."""

import pytest

from app.exchange.pack import verify_pack
from tests.tampering.packs import KINDS
from tests.tampering.planting import honest, in_packs, on_page
from tests.verifier.program import library

__all__ = ["library"]

SHARE = len(KINDS)


def test_untouched_every_pack_holds_and_every_change_is_named():
    for data in honest():
        assert {line.outcome for line in verify_pack(data)} == {"holds"}
    tally = in_packs(range(SHARE))
    assert tally.missed == [], str(tally)
    assert set(tally.planted) == set(KINDS)


@pytest.mark.xdist_group("verifier")
def test_the_page_lets_no_change_pass(library):
    tally = on_page(library, range(SHARE))
    assert tally.missed == [], str(tally)
    assert len(tally.planted) > SHARE // 2


CONTROLS = {
    "the record is not made again": (
        "app.exchange.pack.chain._told_otherwise",
        lambda *_, **__: [],
        "the record and all parts say another thing",
    ),
    "an entry's hash is not reckoned": (
        "app.domain.tampering.entry_hash",
        lambda _, entry: entry.hash,
        "an entry and its record changed",
    ),
    "seals are not looked at": (
        "app.exchange.pack.chain._seals",
        lambda *_: ({}, []),
        "the chain made anew without its seals",
    ),
    "what is said twice is not compared": (
        "app.exchange.pack.verifying._said_twice",
        lambda _: [],
        "the manifest says another thing beside its record",
    ),
    "the Bundle is not made again": (
        "app.exchange.pack.verifying.made_otherwise",
        lambda *_: [],
        "a value of the bundle",
    ),
    "the CSV is not made again": ("app.exchange.pack.verifying._table", None, "a cell of the csv"),
    "the PDF is not drawn again": ("app.exchange.pack.verifying.draw", None, "another pdf"),
}


@pytest.mark.parametrize("without", CONTROLS)
def test_control_a_verifier_with_one_comparison_taken_out_misses_its_kind(without, monkeypatch):
    """S2: yesterday's verifier held readings and events against the chain, and nothing else of the record."""
    from app.exchange.pack import CheckLine, CheckResult, Part, verifying

    target, instead, missed = CONTROLS[without]
    if instead is None:
        part = Part.CSV if "CSV" in without else Part.PDF
        held = CheckLine(CheckResult.HOLDS, part, "not looked at")
        monkeypatch.setitem(verifying.CONTENTS, part, lambda *_: held)
    else:
        monkeypatch.setattr(target, instead)
    assert in_packs(range(2), missed).missed
