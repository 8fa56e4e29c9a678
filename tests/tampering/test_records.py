"""Whatever is changed in a database is named by the verifier, by stream, position and kind: a seeded share of it."""

from datetime import timedelta

import pytest

from app.db.engine import open_database
from tests.tampering.ground import charted, standing
from tests.tampering.harness import plant
from tests.tampering.records import KINDS

SHARE = len(KINDS)


@pytest.fixture(scope="module")
def on_file(tmp_path_factory, sqlite_template):
    """One ground for all controls: every change is undone."""
    path = tmp_path_factory.mktemp("tampering") / "clinic.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{path}"
    database = open_database(url)
    clinics = charted(database)
    database.close()
    with standing(url, clinics) as found:
        yield found


@pytest.fixture
def ground(database, database_url):
    with standing(database_url, charted(database)) as found:
        yield found


def test_untouched_nothing_is_named_and_every_change_is(ground):
    with ground.undone():
        assert ground.broken(anchored=True) == []
    tally = plant(ground, range(SHARE))
    assert tally.missed == [], str(tally)
    assert set(tally.planted) == set(KINDS)
    with ground.undone():
        assert ground.broken(anchored=True) == [], "each change was undone"


CONTROLS = {
    "an entry's hash is not reckoned": ("app.domain.tampering.entry_hash", lambda _, entry: entry.hash, "changed"),
    "seals are not looked at": ("app.db.chains.seals_of", lambda *_: (), "rewritten to the end"),
    "anchors are not looked at": ("app.services.audit.read_anchors", None, "rewritten with its seals"),
    "the session's column is not looked at": (
        "app.db.chains._named_otherwise",
        lambda *_: [],
        "named for another session",
    ),
    "what follows from the journal is not made again": (
        "app.db.projections.differences",
        lambda *_, **__: [],
        "a made row added",
    ),
    "the feed is not counted": ("app.db.bookkeeping.differences", lambda *_: [], "the feed changed"),
    "the log's tail is not looked at": ("app.domain.audit._behind", lambda *_: (), "a read slipped in"),
    "a link's hash is not reckoned": ("app.domain.audit._own_fault", lambda *_: None, "a read changed"),
    "the tail has no age": ("app.domain.tampering.LATE", timedelta(days=9), "slipped into the unsealed tail"),
    "streams are not looked at together": (
        "app.commands.verifying.explain",
        lambda faulty: {(one.clinic_id, one.stream): one.check.wrong for one in faulty},
        "moved to another stream",
    ),
}


@pytest.mark.parametrize("without", CONTROLS)
def test_control_a_verifier_with_one_comparison_taken_out_misses_its_kind(on_file, without, monkeypatch):
    """S3: yesterday's verifier compared no row with the chain, and said that every link holds."""
    target, instead, missed = CONTROLS[without]
    if instead is None:
        monkeypatch.setattr(on_file, "anchors", {clinic: {} for clinic in on_file.clinics})
    else:
        monkeypatch.setattr(target, instead)
    # an added row of some tables is named by other comparisons too: more chances to meet one of the others
    seeds = range(8) if missed == "a made row added" else range(3)
    assert plant(on_file, seeds, missed).missed


YESTERDAY = {
    "a reading": "UPDATE journal SET document = replace(document, 'moaas', 'rass') WHERE kind = 'reading'",
    "a confirmation": "UPDATE journal SET document = replace(document, 'alert', 'drowsy') WHERE kind = 'confirmation'",
    "a name in an entry": "UPDATE journal SET by_name = 'Somebody Else' WHERE kind = 'confirmation'",
    "a name of staff": "UPDATE staff SET name = 'Somebody Else'",
}


@pytest.mark.parametrize("what", YESTERDAY)
def test_what_was_said_to_hold_over_altered_rows_is_named(on_file, what):
    """S3, each of its kinds: altered readings, confirmations and names."""
    with on_file.undone():
        on_file.execute(YESTERDAY[what])
        kinds = {one.kind for one in on_file.broken(anchored=False)}
    assert kinds == ({"differs"} if what == "a name of staff" else {"changed"})
