"""The desk's words are the service's: each action of the audit has its own, each kind of resource and of event too."""

import re

from app.domain.feed import NOT_PUBLISHED, PUBLISHED
from app.domain.questions import Question
from app.domain.scopes import OFFERED
from app.domain.webhooks import NoAnswer
from app.web.build import WEB

SRC = WEB / "src"


def keys(text: str) -> set[str]:
    """The names of an object written one to a line."""
    return set(re.findall(r'^ +"?([\w.-]+)"?: [`"]', text, re.MULTILINE))


def part(text: str, begin: str) -> str:
    """An object within a file, from its name to the brace that ends its lines."""
    return text.partition(f"{begin}")[2].partition("\n  }")[0]


def test_every_action_has_its_words():
    assert keys((SRC / "words.actions.ts").read_text()) == PUBLISHED | NOT_PUBLISHED


def test_every_question_kind_and_failure_has_its_words():
    text = (SRC / "words.desk.ts").read_text()
    assert keys(part(text, "  questions: {")) == set(Question)
    assert keys(part(text, "  means: {")) == set(Question)
    assert keys(part(text, "  resources: {")) == OFFERED
    assert keys(text.partition("const ANSWERS")[2]) == set(NoAnswer)


def test_what_can_be_told_is_offered():
    assert set(re.findall(r'"([\w.-]+)"', (SRC / "desk" / "kinds.ts").read_text())) == PUBLISHED
