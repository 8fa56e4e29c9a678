"""Whole assessments as they are kept, for ever: `kept.jsonl` holds one a block, first its head, then its findings.

A release that changes a line of it changes what old records replay to: it needs a new rules version, beside the old
rules. `python -m tests.domain.kept` writes the file (only before a first release, or with a new version).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.domain.readiness import assess
from tests.spec.language import AS_OF, session
from tests.spec.protocols import PROTOCOLS

FILE = Path(__file__).with_name("kept.jsonl")

SESSIONS: dict[str, tuple[str, str]] = {
    "met": ("example", "tablet t heard 1 unsent 0; event m medication-given ondansetron at 60"),
    "nasal, met": ("nasal", ""),
    "nothing entered": ("example", "empty"),
    "before the dose": ("example", "empty; reading b1 at 20; reading b2 at 10"),
    "running": ("example", "no stop; escort seen at 20"),
    "paused": ("example", "no stop; event p infusion-paused at 90; escort absent"),
    "cannot be": ("example", "event again infusion-stopped at 80; event c rate-changed at 70"),
    "clocks": ("nasal", "device1 at 119; no device2; s2 doubtful; device1 doubtful"),
    "no device": ("nasal", "no device1; no device2"),
    "one baseline reading": ("example", "no b1; s2 heart_rate 180; s2 spo2 - probe fault"),
    "baseline accepted": ("example", "b1 systolic 151; b2 dissociation mild; b1 revision 2; accepted a b1.2 b2.1"),
    "baseline not sound": ("example", "b1 consciousness moaas 4; b2 spo2 93; b1 diastolic 96; accepted a b1.1"),
    "every item not met": (
        "example",
        (
            "s2 heart_rate 40; s2 systolic 170; s2 diastolic 101; s2 respiratory_rate 25; s2 spo2 90; s2 oxygen 2; "
            "s2 consciousness moaas 3; s2 dissociation moderate cadss 23-item 12; s2 gait no; s2 orientated no; "
            "s2 symptoms nausea severe, headache mild, seizure mild"
        ),
    ),
    "every item unknown": (
        "cadss",
        (
            "s2 heart_rate -; s2 systolic -; s2 diastolic -; s2 respiratory_rate -; s2 spo2 -; s2 oxygen ?; "
            "s2 consciousness rass 0; s2 gait -; s2 orientated -; s2 symptoms not-asked; escort none"
        ),
    ),
    "not given at all": ("example", "s2 consciousness -; s2 dissociation -; s2 oxygen -; s2 symptoms nausea ?"),
    "usual for this patient": (
        "example",
        (
            "b1 heart_rate 46; b2 heart_rate 46; s2 heart_rate 46; b1 gait no; s2 gait no; b1 dissociation mild; "
            "s2 dissociation mild; b1 spo2 92; b2 spo2 92; s2 spo2 92"
        ),
    ),
    "oxygen": ("example", "event o oxygen-started 2 at 80; event x oxygen-started 4 at 1; b1 oxygen 2; b2 oxygen 3.50"),
    "interrupted": (
        "example",
        (
            "reading r at 60; r symptoms nausea severe; event z symptom-resolved nausea at 10; "
            "event m medication-given midazolam at 30; event n medication-given quetiapine at 130"
        ),
    ),
    "symptoms open": (
        "from-mild",
        "reading r at 60; r symptoms nausea mild; reading q at 50; q symptoms nausea severe",
    ),
    "sets of one instant": ("up-and-down", "reading x at 3; x systolic 91; x gait -; reading y at 15; s1 revision 4"),
    "stale": ("three-sets", "s2 at 25; s1 at 46; reading x at 31; x gait -"),
    "too few": ("percent-and-delta", "no s1; s2 systolic 138"),
    "concerns": (
        "concern-both-ways",
        "reading x at 110; x heart_rate 140; reading y at 105; y heart_rate 40; acknowledged a x.1.heart_rate",
    ),
    "tablets": (
        "median",
        (
            "tablet t heard 5 unsent 0; tablet u heard 0 unsent 3; tablet v heard 0 unsent 0; "
            "browser p heard 9 unsent 0; browser q heard 9 unsent 0 draft; "
            "tablet w heard 9 unsent 0 pace 60; escort unnamed"
        ),
    ),
}


def blocks() -> Iterator[list[dict[str, Any]]]:
    """Each session's head and findings, as they come out now."""
    for name, (protocol, statements) in SESSIONS.items():
        one = PROTOCOLS[protocol]
        assessment = assess(session(one.route, statements), one, AS_OF)
        document = json.loads(json.dumps(assessment.document))
        head = {"session": name, "status": assessment.status, "digest": assessment.digest}
        yield [{**head, "inputs": document["inputs"], "tablets": document["tablets"]}, *document["findings"]]


def text() -> str:
    """The file as it should be."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for block in blocks() for line in block)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
