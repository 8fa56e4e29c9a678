"""Who looks over the clinics at once, and why: everything else is held to one clinic, by PostgreSQL too."""

import ast
from functools import cache

from tests.architecture.tree import ROOT, files

DUE = "what is due in any clinic, for a duty that then works in each by itself"
WHO = "who calls is told by a secret or a name, and their clinic by that"
OPERATOR = "the operator's, of the whole installation"
OVER_ALL = {
    ("app/api/identify.py", "_behind"): WHO,
    ("app/api/metrics.py", "pulse.take"): "numbers of all clinics together, of nobody by name",
    ("app/api/oauth.py", "machines.find"): WHO,
    ("app/api/own_account.py", "invitations.find"): WHO,
    ("app/api/pins.py", "pins.look_up"): WHO,
    ("app/api/providers.py", "identities.by_invitation"): WHO,
    ("app/api/providers.py", "identities.by_ticket"): WHO,
    ("app/api/providers.py", "identities.under_way"): WHO,
    ("app/api/providers.py", "providers.offered"): "of the only clinic, where a sign-in screen knows none yet",
    ("app/api/sign_in.py", "sign_in.credentials_of"): WHO,
    ("app/api/walls.py", "walls.behind"): WHO,
    ("app/commands/acting.py", "sign_in.credentials_of"): WHO,
    ("app/commands/audits.py", "audit.clinics_with_events"): OPERATOR,
    ("app/commands/backing_up.py", "audit.clinics_with_events"): OPERATOR,
    ("app/commands/doctor.py", "audit.clinics_with_events"): OPERATOR,
    ("app/commands/doctor.py", "pulse.take"): OPERATOR,
    ("app/commands/machines.py", "clients.all_clients"): OPERATOR,
    ("app/commands/machines.py", "clients.find"): OPERATOR,
    ("app/commands/people.py", "credentials_of"): OPERATOR,
    ("app/commands/running.py", "audit.waiting"): DUE,
    ("app/commands/secrets.py", "sealed_secrets.each"): OPERATOR,
    ("app/commands/secrets.py", "sealing.needed"): OPERATOR,
    ("app/commands/secrets.py", "sealing.seal_again"): OPERATOR,
    ("app/db/engine.py", "noted"): "what reads of several clinics noted is kept together",
    ("app/db/engine.py", "scope_of"): "the same",
    ("app/jobs/alerts.py", "alerts.clinics_called"): DUE,
    ("app/jobs/calls.py", "look"): DUE,
    ("app/jobs/exports.py", "exports.expired"): DUE,
    ("app/jobs/exports.py", "exports.not_ended"): DUE,
    ("app/jobs/exports.py", "exports.states"): DUE,
    ("app/jobs/exports.py", "exports.waiting"): DUE,
    ("app/jobs/feed.py", "feed.waiting"): DUE,
    ("app/jobs/lapses.py", "_due"): DUE,
    ("app/jobs/lapses.py", "_silent"): DUE,
    ("app/jobs/purge.py", "purge"): "what is long over goes in all clinics by one statement a table",
    ("app/jobs/seals.py", "audit.waiting"): DUE,
    ("app/jobs/webhooks.py", "webhooks.due"): DUE,
}
LOOKS_ELSEWHERE = {
    ("app/db/break_glass.py", "_ONE"): "what was opened in other clinics of the organisation",
    ("app/db/clients.py", "those.order_by(clients.c.id).limit(limit)"): "machines of all clinics, beside its own",
    ("app/db/organisations.py", "_NAMED"): "which clinics name the same organisation",
    ("app/db/staff.py", "_TAKEN"): "usernames are the installation's",
}


@cache
def calls(root=ROOT):
    """Every call in the code: in which file, and of what, by its last name."""
    return [
        (str(path.relative_to(root)), node, getattr(node.func, "attr", None) or getattr(node.func, "id", None))
        for path in files(root / "app")
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    ]


def over_all(root=ROOT):
    """Each work of every clinic: where it is asked for, and its verb."""
    return {
        (where, ast.unparse(call.args[0] if place else call.func))
        for where, call, _ in calls(root)
        for place, one in enumerate(call.args)
        if getattr(one, "id", None) == "EVERY_CLINIC"
    }


def test_each_work_of_every_clinic_is_in_the_list():
    assert over_all() == set(OVER_ALL)


def test_nobody_else_makes_such_an_actor_or_says_whose_rows_may_be_touched():
    assert {(where, name) for where, _, name in calls() if name in ("OverEveryClinic", "may_touch")} == {
        ("app/db/work.py", "OverEveryClinic"),
        ("app/db/work.py", "may_touch"),
        ("app/db/engine.py", "may_touch"),
    }


def test_each_look_of_a_clinic_at_others_is_in_the_list():
    found = {(where, ast.unparse(call.args[0])) for where, call, name in calls() if name == "all_of_every_clinic"}
    assert found == set(LOOKS_ELSEWHERE)


def test_one_that_is_planted_is_seen(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "planted.py").write_text("database.read(everything, EVERY_CLINIC, now)\n")
    assert over_all(tmp_path) == {("app/planted.py", "everything")}
