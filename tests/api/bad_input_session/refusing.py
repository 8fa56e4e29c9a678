"""Bad input to the session's routes: each refused clearly, naming the field, and not one row of the record changed."""

from uuid import uuid4

import pytest

from tests.api.kept_rows import record_rows

NOW = 50.0
"""The minute at which bad input is sent: ten after the dose ended."""
VITALS = ("heart_rate", "systolic", "diastolic", "respiratory_rate", "spo2")

ON_SQLITE = pytest.mark.parametrize("clinic", ["sqlite"], indirect=True, scope="package")
"""Of what never reaches a database: one engine says it all."""


def refused(clinic, method, path, body=None, *, status=422, code=None, field=None, by=None, **how):
    """The refusal that this must meet; the record is as before."""
    rows = record_rows(clinic.service)
    problem = (by or clinic.nurse).problem(method, path, body, status=status, **how)
    assert record_rows(clinic.service) == rows, "something was kept"
    if code is not None:
        assert problem["code"] == code
    if field is not None:
        assert field in [error["field"] for error in problem["errors"]], problem
        assert all(error["message"] for error in problem["errors"])
    return problem


def new(session, kind="readings"):
    return f"{session}/{kind}/{uuid4()}"
