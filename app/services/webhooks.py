"""Webhooks: an operator or a lead registers targets; deliveries go out by themselves; a lead sees how they stand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import journal, webhooks
from app.db.webhooks import TryOutcome
from app.db.work import Work
from app.domain.canonical import Document
from app.domain.errors import FieldError, Invalid, NotFound
from app.domain.feed import PUBLISHED
from app.domain.journal import Fact, Kind
from app.domain.webhooks import GONE, LEASE, OLD_SECRET, Claimed, Letter, Tried, Webhook, WebhookState, next_try
from app.exchange.webhooks import BadTarget, target_of

AT_ONCE = 16
"""Deliveries to one target at the same time, each of another lane."""

due = webhooks.due
"""A reading verb: every target, of all clinics, that has something to be told now."""


class NoSuchWebhook(NotFound):
    """There is no webhook under this id."""

    code = "no-such-webhook"


class NoSuchLetter(NotFound):
    """No delivery to this webhook was given up under this position."""

    code = "no-such-dead-letter"


class UnknownKinds(Invalid):
    """There are no such kinds of events."""

    code = "unknown-kinds"


def add(work: Work, webhook: Webhook, *, from_start: bool = False) -> Webhook:
    """Register a target. Raises `BadTarget`, `UnknownKinds`."""
    try:
        target_of(webhook.url, allow_private=webhook.allow_private)
    except BadTarget as refusal:
        raise BadTarget(errors=[FieldError("url", refusal.detail)]) from None
    if unknown := sorted((webhook.kinds or set()) - PUBLISHED):
        raise UnknownKinds(errors=[FieldError("kinds", f"there is no kind {kind}") for kind in unknown])
    webhooks.add(work, webhook, from_start=from_start)
    _keep(work, "webhook.added", webhook)
    return webhook


def remove(work: Work, webhook_id: UUID) -> None:
    """Forget a target, its secret, and all that waits for it. Raises `NoSuchWebhook`."""
    webhook = find(work, webhook_id)
    webhooks.remove(work, webhook_id)
    _keep(work, "webhook.removed", webhook)


def rotate(work: Work, webhook_id: UUID, secret: str, wall: datetime) -> None:
    """Another secret from now on; the one before signs along for a day. Raises `NoSuchWebhook`."""
    webhook = webhooks.opened(work, webhook_id)
    if webhook is None:
        raise NoSuchWebhook
    webhooks.rotate(work, webhook, secret, wall + OLD_SECRET)
    _keep(work, "webhook.rotated", webhook)


def pause(work: Work, webhook_id: UUID, because: str) -> None:
    """Send nothing until `resume`; what happens meanwhile waits. Raises `NoSuchWebhook`."""
    webhook = find(work, webhook_id)
    webhooks.change(work, webhook_id, paused=because)
    _keep(work, "webhook.paused", webhook, reason=because)


def resume(work: Work, webhook_id: UUID, wall: datetime) -> None:
    """Send again, at once, all that waits. Raises `NoSuchWebhook`."""
    webhook = find(work, webhook_id)
    webhooks.change(work, webhook_id, paused=None)
    webhooks.begin_anew(work, webhook_id, wall)
    _keep(work, "webhook.resumed", webhook)


def states(work: Work, after: UUID | None = None, limit: int | None = None) -> list[WebhookState]:
    """The next targets and how each stands, by age, all of them without a limit; audited as read."""
    work.audit("webhook.listed", subject="clinic", subject_id=work.clinic_id)
    return webhooks.states(work, after, limit)


def letters(work: Work, webhook_id: UUID, after: int | None, limit: int) -> list[Letter]:
    """The next that were given up; audited as read. Raises `NoSuchWebhook`."""
    find(work, webhook_id)
    work.audit("webhook.read", subject="webhook", subject_id=webhook_id)
    return webhooks.letters(work, webhook_id, after or 0, limit)


def resend(work: Work, webhook_id: UUID, position: int, wall: datetime) -> None:
    """Try a dead letter again, at once. Raises `NoSuchWebhook`, `NoSuchLetter`."""
    find(work, webhook_id)
    if not webhooks.resend(work, webhook_id, position, wall):
        raise NoSuchLetter
    work.audit("webhook.resent", subject="webhook", subject_id=webhook_id, after={"position": position})


def resend_all(work: Work, webhook_id: UUID, wall: datetime) -> int:
    """Try every dead letter again; how many. Raises `NoSuchWebhook`."""
    find(work, webhook_id)
    count = 0
    # from the newest back: the earliest of each lane ends up in front
    for letter in reversed(webhooks.letters(work, webhook_id, 0, 1_000_000)):
        resend(work, webhook_id, letter.position, wall)
        count += 1
    return count


def find(work: Work, webhook_id: UUID) -> Webhook:
    """A target of this clinic. Raises `NoSuchWebhook`."""
    webhook = webhooks.find(work, webhook_id)
    if webhook is None:
        raise NoSuchWebhook
    return webhook


# --- delivering ------------------------------------------------------------------------------------------------------


def take(work: Work, webhook: Webhook, wall: datetime) -> tuple[Webhook, list[Claimed]]:
    """Claims what is due to a target, after looking at what is new: the target as it is now, and the deliveries.

    Where values leave the clinic, that is on record before they do.
    """
    webhook = webhooks.opened(work, webhook.id) or replace(webhook, paused="removed")
    if webhook.paused is not None:
        return webhook, []
    while webhooks.spread(work, webhook, wall) == webhooks.BATCH:
        pass
    claimed = webhooks.claim(work, webhook.id, wall, LEASE, AT_ONCE)
    if claimed and webhook.with_values:
        positions = [one.item.position for one in claimed]
        work.audit("webhook.values-sent", subject="webhook", subject_id=webhook.id, after={"positions": positions})
    return webhook, claimed


def settle(work: Work, webhook: Webhook, tried: Sequence[Tried], wall: datetime, chances: Sequence[float]) -> None:
    """Keeps what came of each try. A target that says it is gone is paused."""
    verdicts = [_verdict(one, wall, chance) for one, chance in zip(tried, chances, strict=True)]
    webhooks.settle(work, webhook.id, verdicts, wall)
    now = webhooks.find(work, webhook.id)
    if now is not None and now.paused is None and any(one.outcome == GONE for one in tried):
        pause(work, webhook.id, "it answered 410 Gone")


def _verdict(tried: Tried, wall: datetime, chance: float) -> TryOutcome:
    wait = next_try(tried.claimed.tries, chance)
    if tried.outcome == GONE and wait is None:
        # whoever resumes it decides what becomes of this
        wait = LEASE
    return TryOutcome(tried, None if wait is None else wall + wait)


def _keep(work: Work, action: str, webhook: Webhook, *, reason: str | None = None) -> None:
    """The address is part of it, the secret never."""
    document: Document = {
        "url": webhook.url,
        "kinds": None if webhook.kinds is None else sorted(webhook.kinds),
        "with_values": webhook.with_values,
        "allow_private": webhook.allow_private,
    }
    revision = journal.next_revision(work, Kind.WEBHOOK, webhook.id)
    work.keep(Fact(Kind.WEBHOOK, str(webhook.id), document, revision, action=action, reason=reason))
