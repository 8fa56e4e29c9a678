"""Every word of the audit answers a saved question, or was left to the record on purpose."""

from app.domain.feed import NOT_PUBLISHED, PUBLISHED
from app.domain.questions import ANSWERED_BY, Question

EVERY = PUBLISHED | NOT_PUBLISHED
IN_THE_RECORD = (PUBLISHED - {"notice.raised", "notice.acknowledged", "protocol.drafted", "protocol.approved"}) | {
    "alert.seen",
    "item.not-entered",
    "sent-for",
}
"""What was charted: it stands in the record itself, with who and when."""
OF_LITTLE_MOMENT = {
    "client.listed",
    "evidence.read",
    "identity.begun",
    "pin.forgotten",
    "provider.read",
    "push.subscribed",
    "push.unsubscribed",
    "restored.read",
    "second-factor.begun",
    "sign-ins.listed",
    "staff.listed",
    "staff.read",
    "tablet.listed",
    "tablet.read",
    "tablet.session-left",
    "tablet.session-opened",
    "wall.listed",
    "webhook.listed",
    "webhook.read",
}
"""Looks at lists of the clinic's own, and beginnings that end in something that is asked for."""


def unasked(every, answered):
    return every - frozenset().union(*answered.values())


def test_every_question_is_answered_by_words_that_there_are():
    assert set(ANSWERED_BY) == set(Question)
    assert all(ANSWERED_BY.values())
    assert frozenset().union(*ANSWERED_BY.values()) <= EVERY


def test_whatever_answers_none_was_left_out_on_purpose():
    assert unasked(EVERY, ANSWERED_BY) == IN_THE_RECORD | OF_LITTLE_MOMENT
    assert not IN_THE_RECORD & OF_LITTLE_MOMENT


def test_control_a_new_look_at_a_patient_is_noticed():
    assert unasked(EVERY | {"patient.picture-read"}, ANSWERED_BY) - IN_THE_RECORD - OF_LITTLE_MOMENT == {
        "patient.picture-read"
    }
