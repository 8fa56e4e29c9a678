"""Signing: what each decision needs, the text that is signed word for word, and whether the patient may leave.

A signature names the digest of the latest kept assessment. An override takes responsibility for the criteria it names,
and for no others.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from app.domain.assessment import Criterion, Outcome, Status
from app.domain.errors import Conflict, FieldError, Invalid
from app.domain.instants import to_text
from app.domain.overrides import holds_until
from app.domain.records import Confirmation, Decision, Kept, KeptAssessment, NoticeHistory, Signer


class AssessmentMovedOn(Conflict):
    """The findings have changed since this page was shown: look again, then decide on what is there now."""

    code = "assessment-moved-on"


class AlreadySigned(Conflict):
    """This assessment carries a signed decision already: a confirm or an override can be taken back by a decline."""

    code = "already-signed"


class CriteriaNotMet(Conflict):
    """The criteria are not all met: decline, or override with a reason."""

    code = "criteria-not-met"


class CriteriaMet(Conflict):
    """All criteria are met: there is nothing to override. Confirm or decline."""

    code = "criteria-met"


class ReasonNeeded(Invalid):
    """This decision needs a reason."""

    code = "reason-needed"


class NotSigned(Conflict):
    """Nobody has signed: a clinician confirms, or overrides with a reason, before the patient leaves."""

    code = "not-signed"


class SignatureOutdated(Conflict):
    """What the signature rests on no longer holds: a clinician must look again and sign anew."""

    code = "signature-outdated"


class NoticeOpen(Conflict):
    """Information arrived after the signature: a clinician must acknowledge it first."""

    code = "notice-open"


class EscortMissing(Conflict):
    """Nobody has been seen here to take the patient home."""

    code = "escort-missing"


class LeftBeforeSigned(Invalid):
    """The patient was here at the signature. If they had left before it, say so in the session (`had_left_at`).

    A clinician then signs afterwards. A patient whom nobody had examined left against advice (`left-against-advice`).
    """

    code = "left-before-signed"


class LeavingDiffers(Conflict):
    """This is not the leaving that the session says, or it says none that holds. Look again, then decide."""

    code = "leaving-differs"


class ExaminedByNeeded(Invalid):
    """Say who examined the patient before they left. If nobody did, enter the event `left-against-advice`."""

    code = "examined-by-needed"


def last_word(confirmations: Sequence[Kept[Confirmation]]) -> Kept[Confirmation] | None:
    """The signed decision that counts: the latest; of those of one instant, or on one assessment, a decline."""
    if not confirmations:
        return None
    last = max(confirmations, key=lambda held: (held.value.signed_at, _declines(held)))
    here = (held for held in confirmations if held.value.digest == last.value.digest)
    return next(filter(_declines, here), last)


def _declines(held: Kept[Confirmation]) -> bool:
    return held.value.decision is Decision.DECLINE


def signature_in_force(confirmations: Sequence[Kept[Confirmation]]) -> Kept[Confirmation] | None:
    """The last word, where it lets the patient leave."""
    last = last_word(confirmations)
    return None if last is None or _declines(last) else last


def speaks_of(signed: Confirmation) -> datetime:
    """The instant at which the patient was as a signature says: when it was given, or when they had left before it."""
    return signed.had_left_at or signed.signed_at


def speaks_of_this_recovery(signed: Confirmation, dose_ended_at: datetime | None) -> bool:
    """A signature speaks of one recovery: what it confirmed or named does not carry over a further dose."""
    return dose_ended_at is not None and dose_ended_at < speaks_of(signed)


def open_criteria(outcomes: Mapping[str, str]) -> tuple[str, ...]:
    """Criteria that are not met or unknown, in the order they are kept."""
    return tuple(name for name, outcome in outcomes.items() if outcome != Outcome.MET.value)


def check_decision(
    decision: Decision,
    reason: str | None,
    latest: KeptAssessment,
    signed: Sequence[Kept[Confirmation]],
    still_open: Sequence[str] = (),
) -> None:
    """Raises where this decision cannot be taken on this assessment, which carries one, and at most its taking back.

    `still_open`: criteria that are open at the signature, whatever the assessment says of them.
    """
    here = [held.value.decision for held in signed if held.value.digest == latest.digest]
    if here and (decision is not Decision.DECLINE or Decision.DECLINE in here):
        raise AlreadySigned
    if decision is not Decision.CONFIRM and not (reason and reason.strip()):
        raise ReasonNeeded(errors=[FieldError("reason", f"say why: a decision to {decision.value} needs a reason")])
    met = latest.status == Status.MET.value and not still_open
    if decision is Decision.CONFIRM and not met:
        raise CriteriaNotMet(status=latest.status)
    if decision is Decision.OVERRIDE and met:
        raise CriteriaMet


MEANINGS = {
    Decision.CONFIRM: "I have examined the patient and confirm that the discharge criteria are met.",
    Decision.DECLINE: "I have examined the patient and decline the discharge.",
    Decision.OVERRIDE: "I have examined the patient and take responsibility for the discharge although these "
    "criteria are not met or cannot be told: {named}.",
}

MEANINGS_AFTERWARDS = {
    Decision.CONFIRM: "I confirm that the discharge criteria were met when the patient left.",
    Decision.DECLINE: "I decline the discharge.",
    Decision.OVERRIDE: "I take responsibility for the discharge although these criteria were not met or could not be "
    "told when the patient left: {named}.",
}
"""Nobody signs afterwards that they have examined a patient who is gone: the words say who had."""


def signed_text(
    *,
    decision: Decision,
    signer: Signer,
    at: datetime,
    digest: str,
    seen: Mapping[str, str],
    own: str,
    reason: str | None,
    had_left_at: datetime | None = None,
    examined_by: str | None = None,
    until: datetime | None = None,
) -> str:
    """What is signed, word for word: meaning, own assessment, reason, name, role, instant, and the digest.

    `seen`: the open criteria, which an override names, each with what was seen; `until`: how long an override holds.
    """
    bounds = [f"Seen: {name}: {because}." for name, because in seen.items()]
    if until is not None:
        bounds.append(f"Good until {to_text(until)}, unless one of these is worse than seen.")
    lines = [
        *([f"Signed afterwards: the patient had left at {to_text(had_left_at)}."] if had_left_at else []),
        *([f"Examined before they left by: {examined_by}."] if examined_by else []),
        (MEANINGS_AFTERWARDS if had_left_at else MEANINGS)[decision].format(named=", ".join(seen)),
        *(bounds if decision is Decision.OVERRIDE else []),
        f"My own assessment: {own}",
        *([f"Reason: {reason}"] if reason else []),
        f"Signed by {signer.name}, {signer.role}, at {to_text(at)}.",
        f"Assessment: {digest}",
    ]
    return "\n".join(lines)


def check_leaving(
    *,
    signed: Kept[Confirmation] | None,
    outcomes: Mapping[str, str],
    worse: Collection[str] = (),
    notices: Sequence[NoticeHistory],
    escort_present: bool,
    left_at: datetime,
    now: datetime,
    signature_minutes: int,
    dose_ended_at: datetime | None,
    had_left_at: datetime | None = None,
) -> Kept[Confirmation]:
    """The signature the discharge rests on. Raises what stands in the way; `outcomes` are those of `now`.

    `worse`: criteria that the signature names and that are worse now than what was signed.
    `had_left_at`: the session is charted afterwards; then `now` is this leaving.
    """
    if signed is None:
        raise NotSigned
    afterwards = signed.value.had_left_at
    if afterwards is not None and afterwards != had_left_at:
        raise SignatureOutdated(
            f"the signature is of a patient who had left at {to_text(afterwards)}, and the session does not say that "
            "any more, or something lies after it: a clinician must look again and sign anew"
        )
    if not speaks_of_this_recovery(signed.value, dose_ended_at):
        raise SignatureOutdated("the dose went on after the signature: a clinician must look again and sign anew")
    until = holds_until(signed.value.signed_at, signature_minutes)
    if signed.value.decision is Decision.OVERRIDE and afterwards is None and now >= until:
        raise SignatureOutdated(
            f"the override was good until {to_text(until)}: a clinician must look again and sign anew"
        )
    if any(history.acknowledged is None for history in notices):
        raise NoticeOpen
    if not escort_present:
        raise EscortMissing(errors=[FieldError("escort", "enter who takes the patient home, and that they are here")])
    let_pass = set(signed.value.named) - set(worse)
    # a lapse is `not-met`; a freshness that is unknown has another reason, and is not let pass
    lapsed = outcomes[Criterion.FRESH.value] == Outcome.NOT_MET.value
    if lapsed and afterwards is None and now < until:
        let_pass.add(Criterion.FRESH.value)
    if moved := [name for name in open_criteria(outcomes) if name not in let_pass]:
        said = ", ".join(f"{name} (worse than signed)" if name in worse else name for name in moved)
        raise SignatureOutdated(
            f"since the signature this is no longer met: {said}; a clinician must look again and sign anew",
            criteria=moved,
        )
    # tablets type whole minutes: the minute of the signature is not before it
    if left_at < speaks_of(signed.value).replace(second=0, microsecond=0):
        raise LeftBeforeSigned(
            errors=[FieldError("left_at", f"not before the signature at {to_text(signed.value.signed_at)}")]
        )
    return signed
