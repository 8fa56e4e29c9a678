"""The dashboard and the alert rules ask for nothing that /metrics does not tell, and leave nothing out."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.api.asked_metrics import ITS_OWN, Told, asked_in, strangers, told_by
from tests.api.clinic import empty_database, running
from tests.architecture.tree import ROOT

FOLDER = ROOT / "docs" / "operations"
BOARD = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
UNITS = {"_seconds": "s", "_bytes": "bytes"}


def drawn() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Each panel, with each expression and its legend."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel, target["expr"], target["legendFormat"]


@pytest.fixture(scope="module")
def told(tmp_path_factory, sqlite_template) -> Told:
    """By the real service, with everything that it does by itself."""
    folder = tmp_path_factory.mktemp("told")
    with empty_database("sqlite", folder, sqlite_template) as url, running(url, jobs=True, metrics=True) as service:
        assert service.client.get("/health/ready").status_code == 200
        return told_by(service.client.get("/metrics").text)


def test_what_is_told_is_read_with_its_labels(told: Told):
    assert told["http_requests_total"] == {"method", "route", "status"}
    assert told["http_request_duration_seconds_bucket"] == {"le"}
    assert told["job_quiet_seconds"] == {"duty"}
    assert told["disk_free_bytes"] == {"place"}
    assert told["backup_age_seconds"] == set()
    assert "http_request_duration_seconds" not in told


def test_no_label_of_ours_is_one_that_prometheus_puts_itself(told: Told):
    assert {label for labels in told.values() for label in labels} & {"job", "instance"} == set()


def test_the_dashboard_asks_for_what_is_told(told: Told):
    assert [found for _, expr, legend in drawn() for found in strangers(expr, told, legend)] == []


def test_the_alert_rules_ask_for_what_is_told(told: Told):
    assert [found for rule in RULES for found in strangers(rule["expr"], told)] == []
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert [job["job_name"] for job in jobs] == re.findall(r'job="([^"]*)"', RULES[0]["expr"])


def test_everything_that_is_told_is_on_the_dashboard(told: Told):
    asked = {name for _, expr, _ in drawn() for name in asked_in(expr)}
    assert set(told) - asked == set()


@pytest.mark.parametrize(
    ("expression", "legend", "expected"),
    [
        ("max(sets_overdo)", "", ["sets_overdo"]),
        ('sum by (status) (rate(http_requests_total{path="/x"}[5m]))', "", ["http_requests_total: path"]),
        ("sum by (place) (rate(http_requests_total[5m]))", "", ["http_requests_total: place"]),
        ("max by (duty) (job_quiet_seconds)", "{{job_name}}", ["job_quiet_seconds: job_name", "legend: job_name"]),
        ("sum by (status) (rate(http_requests_total[5m]))", "{{route}}", ["legend: route"]),
        ("rate(http_request_duration_seconds[5m])", "", ["http_request_duration_seconds"]),
        ('up{job="x"} == 0 and absent(nothing_seconds)', "", ["nothing_seconds"]),
        ("max by (duty) (job_quiet_seconds) > 3e2", "{{duty}}", []),
        ('up{job="x"}', "{{instance}}", []),
    ],
)
def test_a_planted_stranger_is_seen(told: Told, expression: str, legend: str, expected: list[str]):
    assert list(strangers(expression, told, legend)) == expected


def unit_of(expression: str) -> str:
    """The unit of what an expression comes to, as Grafana calls it."""
    if " / " in expression and "_bytes" in expression:
        return "percentunit"
    if "http_requests_total" in expression:
        return "short" if "increase(" in expression else "reqps"
    name = next(iter(asked_in(expression))).removesuffix("_bucket").removesuffix("_sum")
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "short")


def test_every_panel_has_the_unit_of_what_it_shows():
    for panel, expr, _ in drawn():
        assert panel["fieldConfig"]["defaults"]["unit"] == unit_of(expr), panel["title"]


def test_what_turns_red_is_what_an_alert_is_told_at():
    numbers = {float(one) for rule in RULES for one in re.findall(r"[<>=] (\d+(?:\.\d+)?)", rule["expr"])}
    found = [
        step["value"]
        for panel in PANELS
        for step in panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
        if step["value"] is not None
    ]
    assert found
    assert set(found) <= numbers


def test_the_dashboard_can_be_brought_in_anywhere():
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    [source] = BOARD["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    for panel in PANELS:
        assert panel["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}
        assert panel["title"]
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
    corners = {(x, y) for x, y, _, _ in cells()}
    assert len(corners) == len(PANELS)


def cells() -> Iterator[tuple[int, int, int, int]]:
    for panel in PANELS:
        place = panel["gridPos"]
        yield place["x"], place["y"], place["w"], place["h"]


def test_no_two_panels_lie_over_each_other():
    taken = [(x + i, y + j) for x, y, w, h in cells() for i in range(w) for j in range(h)]
    assert len(taken) == len(set(taken))


def test_what_prometheus_says_itself_is_not_ours(told: Told):
    assert set(ITS_OWN) & set(told) == set()
