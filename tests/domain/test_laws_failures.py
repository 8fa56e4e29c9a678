"""Law: wherever the rules fail inside, the answer is never met. Each call of a function of the domain fails once."""

import inspect
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from app.domain.assessment import Assessment, Status
from app.domain.readiness import assess
from tests.spec.language import AS_OF, session
from tests.spec.protocols import EXAMPLE

FULL = (
    "b1 dissociation mild; accepted a b1.1 b2.1; reading x at 60; x systolic 190; acknowledged c x.1.systolic; "
    "x symptoms nausea severe; event z symptom-resolved nausea at 50; event m medication-given ondansetron at 40; "
    "event o oxygen-started 2 at 45; event p oxygen-stopped at 41; reading y at 3; tablet t heard 1 unsent 0"
)


class Injected(Exception):
    """The failure."""


def calls_of(action: Callable[[], Any], fail_at: int | None) -> tuple[int, Any]:
    """Run `action`, failing at the n-th call into the domain's code; how many calls there were, and what came out."""
    count = 0

    def watch(frame: FrameType, what: str, _argument: object) -> None:
        nonlocal count
        # A generator is also "called" when it is thrown away, where an exception goes nowhere.
        # The writing of canonical JSON comes last, over and over; a failure there leaves no assessment at all.
        code = frame.f_code
        ours = "/app/domain/" in code.co_filename and not code.co_filename.endswith("canonical.py")
        if what == "call" and ours and not code.co_flags & inspect.CO_GENERATOR:
            count += 1
            if count == fail_at:
                raise Injected

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        out: Any = action()
    except Injected as error:
        out = error
    finally:
        sys.settrace(before)
    return count, out


def test_a_failure_at_any_call_is_never_met():
    facts = session(EXAMPLE.route, FULL)
    total, whole = calls_of(lambda: assess(facts, EXAMPLE, AS_OF), None)
    assert whole.status is Status.MET
    assert total > 500
    raised = withheld = ahead = 0
    for number in range(1, total + 1):
        _, out = calls_of(lambda: assess(facts, EXAMPLE, AS_OF), number)
        if isinstance(out, Assessment) and out.status is Status.MET:
            # Only the look ahead failed: what holds now was proven, and it lapses no later than it should.
            assert out.digest == whole.digest, number
            assert out.lapses_at <= whole.lapses_at, number
            ahead += 1
        elif isinstance(out, Assessment):
            assert out.status is Status.CANNOT_TELL, number
            withheld += 1
        else:
            raised += 1
    # Most failures are findings; those before the rules begin, and in the document, leave no assessment at all.
    assert withheld > raised + ahead
