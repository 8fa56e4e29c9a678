"""Readiness: whether the clinic's discharge criteria look met. A clinician looks, and signs; this never does.

The rules of the house:

- Pure. What goes in is the session's facts in force, the pinned protocol, and an instant. No clock, no other session,
  no default; order of arrival plays no part. The same arguments give the same digest, for ever.
- Three values, never two. A finding is met only where it is proven. What was not seen, not asked, in doubt or failed
  inside a rule is `unknown`, with the reason; nothing defaults to normal.
- The safer reading of a doubt wins. Of facts of one instant, the worse.
- Integers decide. Within p percent of the baseline means `100 * |x * count - sum| <= p * sum`. Bounds are inclusive
  unless said. Only UTC instants are subtracted.
- A rule decides with a code and parameters (`domain.codes`); `domain.sentences` alone makes words of them. Parameters
  hold instants, never ages, so that an unchanged verdict is an unchanged text.
- One function a criterion, in one table (`rules.RULES`), each exactly one finding. It reads like its row: conditions in
  order, each with an outcome, a code and what was seen.
- Whatever fails is unknown and says where: the part of the evidence, or the criterion. Never a value.

The way through: `evidence.gather` derives everything once (timeline, baseline, symptom episodes, recovery sets judged
item by item, the run of good sets), or goes on from what it derived before; the `criteria_*` modules ask one question
each; `times` says when time alone changes an answer; `record` is what is kept and signed; `replay` makes a kept
assessment anew.
"""

from app.domain.readiness.assess import RULES_VERSION, assess
from app.domain.readiness.limits import allowed_band
from app.domain.readiness.record import (
    assessment_document,
    finding_shown,
    is_to_be_kept,
    outcomes_of,
)
from app.domain.readiness.replay import RULES_BY_VERSION, NotReplayable, as_judged, replay
from app.domain.readiness.rules import RULES, TIMED
from app.domain.readiness.times import status_of

__all__ = [
    "RULES",
    "RULES_BY_VERSION",
    "RULES_VERSION",
    "TIMED",
    "NotReplayable",
    "allowed_band",
    "as_judged",
    "assess",
    "assessment_document",
    "finding_shown",
    "is_to_be_kept",
    "outcomes_of",
    "replay",
    "status_of",
]
