"""However large or deep a file is, an import holds a few times its most bytes, and says one clear line."""

import json
import subprocess
import sys

import pytest

from app.exchange.intake import MOST_BYTES

MEGABYTE = 1024 * 1024
ROOM = 13 * MOST_BYTES
"""Above what the programs themselves take."""

READ = """
import resource, sys
from datetime import date
from pathlib import Path
from app.exchange.intake import DAY_COLUMNS, MOST_BYTES, UnreadableFile, csv_rows, day_rows, patient_rows
held = int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmSize"))) * 1024
resource.setrlimit(resource.RLIMIT_AS, (held + int(sys.argv[2]),) * 2)
with open(sys.argv[1], "rb") as source:
    content = source.read(MOST_BYTES + 1)
try:
    if sys.argv[3] == "whole":
        import json
        json.loads(content)
    incoming = {
        "csv": lambda: csv_rows(content, DAY_COLUMNS),
        "day": lambda: day_rows(content, None, date(2026, 3, 8)),
        "patients": lambda: patient_rows(content, None, date(2026, 3, 8)),
    }[sys.argv[3]]()
    print(len(incoming.rows), sum(len(one.rows) for one in incoming.passed))
except UnreadableFile as refusal:
    print(refusal.detail)
except MemoryError:
    print("OUT OF MEMORY")
"""


def read(path, how, room=ROOM):
    """What a process that may take so much memory says of a file."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(room), how],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout.strip()


def entry(**other):
    return json.dumps({"resource": {"resourceType": "Observation"} | other})


def bundle(path, *entries):
    with path.open("w") as out:
        out.write('{"resourceType":"Bundle","type":"collection","entry":[')
        for number, one in enumerate(entries):
            out.write(("," if number else "") + one)
        out.write("]}")
    return path


PATIENT = entry(resourceType="Patient", id="1", identifier=[{"value": "R-7"}], name=[{"family": "Probe", "given": ["Pia"]}], birthDate="1980-05-06")  # fmt: skip  # noqa: E501
APPOINTMENT = entry(resourceType="Appointment", status="booked", start="2026-03-09T09:30:00Z", participant=[{"actor": {"reference": "Patient/1"}, "status": "accepted"}])  # fmt: skip  # noqa: E501


def test_a_file_of_200_megabytes_is_one_clear_line(tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as out:
        out.write(b'{"resourceType":"Bundle","entry":[')
        out.truncate(200 * MEGABYTE)
    for how in ("csv", "day", "patients"):
        assert read(path, how) == "The file is larger than 32 MiB: split it."


def test_a_bundle_of_100_000_entries_is_read_entry_by_entry(tmp_path):
    path = bundle(tmp_path / "many.json", *[entry(id=f"o{n}") for n in range(99_998)], PATIENT, APPOINTMENT)
    assert read(path, "day") == "1 99998"
    assert read(path, "patients") == "1 99999"


def test_a_bundle_is_taken_and_control_reading_it_whole_is_not_bounded(tmp_path):
    path = bundle(tmp_path / "large.json", *["".join(("[", "[],[{}]," * 12_000, "1]")).join(('{"resource":{"x":', "}}")) for _ in range(80)], PATIENT)  # fmt: skip  # noqa: E501
    room = 13 * path.stat().st_size
    assert read(path, "patients", room) == "1 80"
    assert read(path, "whole", room) == "OUT OF MEMORY"


def test_appointments_full_of_what_is_not_used_are_let_go(tmp_path):
    stuffed = APPOINTMENT.replace('"status": "booked"', '"status": "booked", "x": [' + "{}," * 10_000 + "{}]", 1)
    ballast = [
        stuffed.replace("2026-03-09T09:30:00Z", f"2026-03-09T09:30:{n // 60:02}.{n % 60:02}Z") for n in range(200)
    ]
    path = bundle(tmp_path / "stuffed.json", PATIENT, *ballast)
    room = 13 * path.stat().st_size
    assert read(path, "day", room) == "200 0"
    assert read(path, "whole", room) == "OUT OF MEMORY"


TOO_WIDE = "Entry 2 of the Bundle holds more than 200000 values: leave it out."
TOO_DEEP = "Entry 2 of the Bundle is nested deeper than 64 levels: leave it out."


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda: entry(contained=[{"x": 1}] * 100_000), TOO_WIDE),
        (lambda: '{"resource":' + '{"contained":[' * 50_000 + "]}" * 50_000 + "}", TOO_DEEP),
        (lambda: '{"resource":' + "[" * 10_000_000, TOO_DEEP),
        (lambda: '{"resource":{"a":"' + '\\"' * 10_000_000, "The file is not JSON: look at line 1, character "),
        (lambda: '{"resource":{"a":' + "9" * 20_000_000 + "}}", "1 1"),
    ],
    ids=["wide", "contained in contained", "deep", "a text without an end", "a number without an end"],
)
def test_an_entry_is_measured_before_it_is_read(tmp_path, made, says):
    assert read(bundle(tmp_path / "laughs.json", PATIENT, made()), "patients").startswith(says)


def test_contained_resources_that_refer_to_each_other_are_followed_once(tmp_path):
    ring = [{"resourceType": "Patient", "id": f"p{n}", "link": [{"other": {"reference": f"#p{(n + 1) % 900}"}}] * 9} for n in range(900)]  # fmt: skip  # noqa: E501
    visit = json.loads(APPOINTMENT)["resource"] | {"contained": ring}
    visit["participant"] = [{"actor": {"reference": "#p0"}, "status": "accepted"}] * 3
    assert read(bundle(tmp_path / "ring.json", json.dumps({"resource": visit})), "day") == "1 0"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"record_number,time" + b"," * (30 * MEGABYTE), "Line 1 has more than 1048576 characters"),
        (b"record_number,time" + b"," * 900_000 + b"x\n", "The header has more than 500 columns"),
        (b"record_number,time\n" + b"," * (30 * MEGABYTE), "Line 2 has more than 1048576 characters"),
        (b"record_number,time\n" + b"\n" * (4 * MEGABYTE), "0 0"),
        (b'record_number,time\n"' + b"a\n" * (15 * MEGABYTE), "is not CSV"),
    ],
    ids=["header", "columns", "row", "blank", "unquoted"],
)
def test_a_csv_is_measured_before_it_is_read(tmp_path, line, says):
    path = tmp_path / "large.csv"
    path.write_bytes(line)
    assert says in read(path, "csv")
