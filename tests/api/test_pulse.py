"""/metrics: how the clinics' work stands, in numbers; and alert rules that name nothing else."""

import re

import pytest
import yaml

from tests.api.clinic import clinic_on
from tests.architecture.tree import ROOT
from tests.conftest import ENGINES

RULES = ROOT / "docs" / "operations" / "alerts.yml"
NOT_OURS = {"up"}
"""What Prometheus itself says."""
WORDS = {"sum", "rate", "absent", "and", "or", "job", "status"}


def metrics_of(text: str) -> dict[str, float]:
    """Each line of the text form, by its name with labels."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def named_in(rules: str) -> set[str]:
    """The metrics that alert rules ask for."""
    found = [rule["expr"] for group in yaml.safe_load(rules)["groups"] for rule in group["rules"]]
    bare = [re.sub(r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"", " ", one) for one in found]
    return {word for one in bare for word in re.findall(r"[a-z_]{2,}", one)} - WORDS


def strangers(rules: str, known: set[str]) -> set[str]:
    return named_in(rules) - known - NOT_OURS


@pytest.fixture(params=ENGINES)
def clinic(request, tmp_path_factory, sqlite_template):
    with clinic_on(request.param, tmp_path_factory, sqlite_template, metrics=True) as opened:
        yield opened


def shown(clinic) -> str:
    answer = clinic.service.client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


def test_the_work_is_told_in_numbers(clinic):
    before = metrics_of(shown(clinic))
    assert (before["sessions_active"], before["sets_overdue"], before["tablet_items_unsent"]) == (0, 0, 0)
    session_id = clinic.treated()
    clinic.to(41)
    contact = {"unsent": 7, "open_sessions": [session_id], "clock_offset_ms": 0}
    tablet = "0199aaaa-0000-7000-8000-000000000001"
    clinic.nurse.ask("PUT", f"/v1/tablets/{tablet}/contact", contact, expect=200)
    clinic.to(110)
    clinic.service.clock.pass_on_the_wall(2)
    after = metrics_of(shown(clinic))
    assert (after["sessions_active"], after["sets_overdue"]) == (1, 1)
    assert (after["tablets_unsent"], after["tablet_items_unsent"]) == (1, 7)
    assert after["lapse_due_seconds"] > 0
    assert after["feed_streams_waiting"] > 0
    assert after["seals_waiting"] > 0
    assert after["seal_waiting_seconds"] >= 120
    assert after['disk_free_bytes{place="exports"}'] > 0
    assert "backup_age_seconds" not in after


def test_nobody_is_named(clinic):
    session_id = clinic.treated()
    text = shown(clinic)
    assert "/v1/sessions/{session_id}/readings/{reading_id}" in text
    for secret in (session_id, clinic.patient_id, clinic.name, "Probe", clinic.nurse.username):
        assert secret not in text


def test_every_metric_of_the_alert_rules_exists(clinic):
    text = shown(clinic)
    known = set(re.findall(r"^# TYPE ([a-z_]+) ", text, re.MULTILINE))
    assert {"job_quiet_seconds", "http_requests_total", "backup_age_seconds"} <= known
    assert strangers(RULES.read_text(), known) == set()
    assert len(named_in(RULES.read_text())) > 10
    planted = RULES.read_text().replace("sets_overdue > 0", "sets_overdo > 0", 1)
    assert strangers(planted, known) == {"sets_overdo"}


def test_every_rule_says_what_to_do():
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert all(rule["annotations"]["summary"] and rule["annotations"]["do"] for rule in rules)
    assert len({rule["alert"] for rule in rules}) == len(rules)
