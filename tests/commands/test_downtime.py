"""downtime-sheet, as an operator's timer types it."""

import stat

from tests.factories import PASSWORD

COMMAND = ("downtime-sheet", "--clinic", "Lakeside")


def test_the_newest_sheets_lie_under_the_same_names(clinic, tmp_path):
    out = tmp_path / "sheets"
    for _ in range(2):
        assert clinic(*COMMAND, "--out", str(out), "--username", "nurse", typed=PASSWORD + "\n") == 0, clinic.err
        assert clinic.out == f"{out / 'downtime-sheets.pdf'}: 0 sessions under way, taken by Nurse.\n"
    assert sorted(path.name for path in out.iterdir()) == ["downtime-blank.pdf", "downtime-sheets.pdf"]
    for path in out.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_bytes().startswith(b"%PDF")


def test_who_may_see_no_patients_and_a_wrong_password_take_none(clinic, tmp_path):
    out = tmp_path / "sheets"
    who = ("--role", "operator", "--username", "olga", "--name", "Olga", "--keep-password")
    assert clinic("staff", "add", "--clinic", "Lakeside", *who, typed=PASSWORD + "\n") == 0
    assert "nothing was printed" in clinic.fails(*COMMAND, "--out", str(out), "--username", "nurse", typed="wrong\n")
    refused = clinic.fails(*COMMAND, "--out", str(out), "--username", "olga", typed=PASSWORD + "\n")
    assert "an operator may not do this" in refused or "a operator may not do this" in refused
    assert not out.exists()
