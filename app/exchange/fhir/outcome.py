"""OperationOutcome: how every error is said under /fhir."""

from typing import Literal

from app.exchange.fhir.systems import Resource

Severity = Literal["fatal", "error", "warning", "information"]


def operation_outcome(
    severity: Severity, code: str, diagnostics: str | None = None, expression: tuple[str, ...] = ()
) -> Resource:
    """One issue. `code` is of FHIR's issue-type, for example `not-found`; `expression` names elements at fault."""
    issue: Resource = {"severity": severity, "code": code}
    if diagnostics:
        issue["diagnostics"] = diagnostics
    if expression:
        issue["expression"] = list(expression)
    return {"resourceType": "OperationOutcome", "issue": [issue]}
