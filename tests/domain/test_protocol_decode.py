"""Decoding what was approved: total, and never a judgement. Bands and schema are for drafts."""

import pytest

from app.domain.events import Route
from app.domain.protocol import bands
from app.domain.protocol.decode import decode
from app.domain.protocol.parse import parse
from app.domain.vitals import Band
from tests.domain.bands import BANDS
from tests.domain.shipped import NAMES, document, drop, faults, put


@pytest.mark.parametrize("name", NAMES)
def test_what_is_taken_as_a_draft_is_decoded_to_the_same(name):
    assert decode(document(name)) == parse(document(name))


@pytest.mark.parametrize("name", NAMES)
def test_whatever_becomes_of_the_bands_what_was_approved_reads_as_before(name, monkeypatch):
    before = parse(document(name))
    nothing = Band(10_000, 10_000)
    for band in [name for name, value in vars(bands).items() if isinstance(value, Band)]:
        monkeypatch.setattr(bands, band, nothing)
    for table in (bands.RECOVERY, bands.DOSE_MINUTES, bands.BASELINE_LIMITS, bands.CONCERN_LIMITS, bands.CONCERN_DELTA):
        for key in list(table):
            monkeypatch.delitem(table, key)
    assert decode(document(name)) == before


@pytest.mark.parametrize("path", BANDS)
def test_a_number_outside_todays_band_refuses_a_draft_and_reads_all_the_same(path):
    name = "intranasal-example" if path.endswith("-device") else NAMES[0]
    made = document(name)
    put(made, path, BANDS[path][1] + 1)
    assert path in faults(made)
    read = decode(made)
    assert read.document == made
    assert read.route is Route(made["route"])


def test_what_the_schema_asks_of_drafts_alone_is_not_asked_of_what_was_approved():
    made = document()
    for table in ("schedule", "baseline", "criteria.fresh", "criteria.baseline-sound", "concern.systolic"):
        drop(made, f"{table}.source")
    put(made, "criteria.no-longer-known", {"minutes": 5, "source": "an older program"})
    put(made, "signature.surprise", 1)
    assert len(faults(made)) >= 4
    read, usual = decode(made), parse(document())
    assert (read.schedule, read.baseline, read.concerns) == (usual.schedule, usual.baseline, usual.concerns)
    assert "criteria.fresh" not in read.sources
    assert read.content_hash != usual.content_hash


def test_concerns_and_an_instrument_may_be_left_out():
    made = document()
    drop(made, "concern")
    assert decode(made).concerns == {}
    assert decode(made).dissociation_instrument is None
    put(made, "criteria.dissociation-absent.instrument", "one that is no longer sold")
    assert decode(made).dissociation_instrument == "one that is no longer sold"
