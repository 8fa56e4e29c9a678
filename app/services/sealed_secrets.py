"""Secrets at rest, all of them: whether each opens, that they have another key, and what no key opens any more."""

import base64
import secrets

from app.db import lost_secrets, sealing
from app.db.keys import Keys
from app.db.sealing import SealedColumn, SealedSecret
from app.db.work import Work
from app.exchange.webhooks import SECRET_BYTES, new_secret
from app.services import webhooks

LOST = "its signing secret was lost: rotate it, then resume"


def each(work: Work) -> list[SealedSecret]:
    """Every sealed secret of the installation: where it lies, with which key it is sealed, whether it opens."""
    return list(sealing.each(work))


def record_rotation(work: Work, number: int) -> None:
    """Says in the clinic's audit that its secrets are sealed with the key of this number from now on."""
    work.audit("secrets.rotated", subject="clinic", subject_id=work.clinic_id, after={"key": number})


def give_up(work: Work, keys: Keys) -> dict[str, int]:
    """Gives up what does not open in the actor's clinic, and says so in its audit; how many, by column.

    Webhooks are paused until they have another secret, and nobody comes in by a provider until a lead has settled our
    secret there anew. What lies sealed on a tablet whose key is gone stays shut.
    """
    work.keys = keys
    for webhook_id in lost_secrets.unpaused_webhooks(work):
        webhooks.pause(work, webhook_id, LOST)
    gone = lost_secrets.give_up(work, _fresh)
    if gone:
        work.audit("secrets.given-up", subject="clinic", subject_id=work.clinic_id, after=gone)
    return gone


def _fresh(column: SealedColumn) -> str:
    raw = secrets.token_bytes(SECRET_BYTES)
    return new_secret(raw) if column.table.name == "webhooks" else base64.b64encode(raw).decode()
