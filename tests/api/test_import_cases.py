"""The files of tests/commands/test_imports.py over HTTP: each comes to the same as through the command.

The tests are those of the command. What they type at a console is asked here of a service, and what it answers is told
in the console's words.
"""

from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest

from app.commands.imports import _tell
from app.commands.running import Stop
from app.domain.people import Role, Staff
from app.exchange.intake import CountedIn, Fault, Passed
from app.services import staff
from app.services.intake import AcceptedRow, Alike, Report, What
from app.services.passwords import hash_now
from tests import factories
from tests.api.clinic import empty_database, running
from tests.api.clinic import sign_in as signed_in
from tests.commands.shell import Shell
from tests.commands.test_imports import (
    Desk,
    test_a_chair_taken_twice_is_said,  # noqa: F401
    test_a_contained_patient_is_met,  # noqa: F401
    test_a_moved_appointment_never_makes_two_sessions_of_a_day,  # noqa: F401
    test_a_reference_belongs_to_the_base_of_whoever_says_it,  # noqa: F401
    test_a_rescheduled_appointment_moves_its_session,  # noqa: F401
    test_a_session_that_has_begun_is_not_moved,  # noqa: F401
    test_a_shortened_record_number_is_refused,  # noqa: F401
    test_many_entries_that_are_not_for_us_are_counted,  # noqa: F401
    test_one_full_url_of_two_patients_is_refused,  # noqa: F401
    test_one_wrong_row_keeps_the_file_out_whatever_is_passed_over,  # noqa: F401
    test_rows_not_for_us_are_passed_over_and_named,  # noqa: F401
    test_the_current_name_is_taken,  # noqa: F401
    test_the_deceased_are_named_and_taken_only_when_that_was_seen,  # noqa: F401
    test_the_deceased_with_a_session_planned_here_are_told_so,  # noqa: F401
    test_times_with_seconds_are_times,  # noqa: F401
    test_what_a_spreadsheet_adds_is_read_past,  # noqa: F401
    test_what_the_patient_declined_is_named_and_not_planned,  # noqa: F401
)
from tests.factories import PASSWORD
from tests.services.ward import Ward


class Asked(Shell):
    """Takes what is typed for `import`, and asks the service."""

    def __init__(self, lead):
        self._lead = lead
        self.out = self.err = ""

    def __call__(self, *arguments, typed=""):
        _, what, file, *more = arguments
        content, name = Path(file).read_bytes(), Path(file).name
        given = [
            f"{option[2:].replace('-', '_')}={value}"
            for option, value in pairwise(more)
            if option in {"--date", "--route"}
        ]
        given += ["deceased_seen=true"] if "--deceased-seen" in more else []
        headers = {"Content-Type": "application/fhir+json" if name.endswith("json") else "text/csv"}
        path = f"/v1/imports/{'days' if what == 'day' else what}"

        def ask(where, *further):
            return self._lead.ask("POST", f"{where}?{'&'.join([*given, *further])}", raw=content, headers=headers)

        answer = ask(f"{path}/report")
        if answer.status_code == 200 and "--commit" in more:
            answer = ask(path, f"plan={answer.json()['plan']}")
        said = answer.json()
        self.out, self.err = "", ""
        if answer.status_code != 200:
            self.err = f"infusion-vitals: {said['detail']}\n"
        report = said if answer.status_code == 200 else said.get("report")
        with redirect_stdout(StringIO()) as out:
            try:
                if report:
                    _tell(name, report_of(report))
            except Stop as stop:
                self.err = self.err or f"infusion-vitals: {stop}\n"
        self.out = out.getvalue()
        return 1 if self.err else 0


def report_of(said):
    """The report as the command has it."""
    lines = [
        AcceptedRow(
            line["row"],
            What(line["what"]),
            line["because"],
            tuple(
                Alike(one["patient"]["id"], None, tuple(one["patient"]["because"])) if one["patient"] else Alike()
                for one in line["look_alikes"]
            ),
            tuple(line["notes"]),
        )
        for line in said["lines"]
    ]
    passed = tuple(
        Passed(one["because"], tuple(row for span in one["rows"] for row in range(span["first"], span["last"] + 1)))
        for one in said["passed"]
    )
    faults = [Fault(one["row"], one["column"], one["message"]) for one in said["wrong"]]
    return Report.of(lines, faults, kept=said["kept"], passed=passed, unit=CountedIn(said["unit"]))


@pytest.fixture
def engine_name():
    """What a file comes to on each database, the command's tests ask."""
    return "sqlite"


@pytest.fixture(scope="module")
def service(tmp_path_factory, sqlite_template):
    with empty_database("sqlite", tmp_path_factory.mktemp("cases"), sqlite_template) as url, running(url) as opened:
        yield opened


@pytest.fixture
def desk(engine_name, service, tmp_path):
    ward = Ward(service.database)
    person = Staff(f"lead-{uuid4()}", "The lead", Role.LEAD)
    lead = factories.actor(ward.clinic.id, Role.LEAD)
    ward.write(staff.add, factories.uuid4(), person, hash_now(PASSWORD), who=lead)
    return Desk(ward, Asked(signed_in(service, person.username, PASSWORD)), tmp_path)
