"""Kept values in answers: the content, then revision, when it arrived, by whom, on which tablet and why."""

from typing import Any, TypeVar

from app.api.contract import Out
from app.api.strict import Id, Instant
from app.db.settled import SettledSheet
from app.domain.canonical import Document
from app.domain.documents import signer_document
from app.domain.records import Kept
from app.domain.signatures import ProofKind

T = TypeVar("T")


class SignerOut(Out):
    """Who did it, as they were called then."""

    staff_id: Id | None
    name: str
    role: str


class ProofOut(Out):
    """What proved who signed; of a passkey, which."""

    kind: ProofKind
    credential: str | None


class KeptOut(Out):
    """What every kept thing carries beside its content."""

    revision: int
    recorded_at: Instant
    recorded_by: SignerOut
    tablet_id: Id | None = None
    reason: str | None = None


def kept_document(kept: Kept[T], content: Document) -> dict[str, Any]:
    """`content` with what `KeptOut` describes."""
    return {
        **content,
        "revision": kept.revision,
        "recorded_at": kept.recorded_at,
        "recorded_by": signer_document(kept.by),
        "tablet_id": kept.tablet_id,
        "reason": kept.reason,
    }


def settled_document(kept: Kept[T] | None, sheet: SettledSheet[T]) -> dict[str, Any]:
    """A sheet of the clinic with the same. Where no lead has settled it: revision 0, and nobody who kept it."""
    if kept is not None:
        return kept_document(kept, sheet.document(kept.value))
    nobody = dict.fromkeys(("recorded_at", "recorded_by", "tablet_id", "reason"))
    return {**sheet.document(sheet.unsettled), "revision": 0, **nobody}
