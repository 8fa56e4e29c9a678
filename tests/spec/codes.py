"""Which codes the rows of the tables come to: under which criterion and outcome, or inside another finding."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.domain.assessment import Assessment, Criterion, Finding, Outcome
from app.domain.canonical import Json
from app.domain.codes import Code
from app.domain.readiness import assess
from tests.spec.language import AS_OF, session
from tests.spec.protocols import PROTOCOLS
from tests.spec.tables import Row


def assessed(row: Row) -> Assessment:
    """What the rules say of a row."""
    protocol = PROTOCOLS[row.protocol]
    own = row.cells["given"] if row.cells["given"] != "-" else ""
    return assess(session(protocol.route, row.given, own), protocol, AS_OF)


def nested(value: Json) -> Iterator[Code]:
    """The codes inside parameters."""
    match value:
        case str() | int() | None:
            return
        case Mapping():
            if isinstance(code := value.get("code"), str):
                yield Code(code)
            also = value.get("also", ())
            assert isinstance(also, Sequence)
            yield from (Code(str(one)) for one in also)
            for one in value.values():
                yield from nested(one)
        case _:
            for one in value:
                yield from nested(one)


def parts_of(assessment: Assessment) -> Iterator[Code]:
    """Every code that is said inside a finding, or as the reason of a baseline."""
    for finding in assessment.findings:
        yield from nested(finding.params)
    reference = assessment.baseline
    for reason in (reference.reason, *(one.reason for one in reference.vitals.values())):
        yield from nested(reason.document())


def reached(rows: Iterable[Row]) -> tuple[Mapping[Criterion, Mapping[Code, Outcome]], frozenset[Code]]:
    """{criterion: {code: outcome}} of the findings, and the codes that are parts of others."""
    own: dict[Criterion, dict[Code, Outcome]] = {criterion: {} for criterion in Criterion}
    parts: set[Code] = set()
    for row in rows:
        assessment = assessed(row)
        parts.update(parts_of(assessment))
        for finding in assessment.findings:
            _once(own[finding.criterion], finding)
    return own, frozenset(parts)


def _once(codes: dict[Code, Outcome], finding: Finding) -> None:
    assert codes.setdefault(finding.code, finding.outcome) is finding.outcome, f"{finding.code} has two outcomes"
