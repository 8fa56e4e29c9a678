"""The feed: which events of the audit integrators are told of, and what they are told.

An event is told under the name the audit has for it; this is the one place that says which. A name that stands in
neither table is told to nobody, and a test fails.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.canonical import Document
from app.domain.instants import to_text

PUBLISHED = frozenset(
    {
        "patient.added",
        "patient.revised",
        "programme.kept",
        "course.added",
        "course.revised",
        "course.cleared",
        "session.planned",
        "session.revised",
        "session.cleared",
        "screening.kept",
        "screening.overridden",
        "event.recorded",
        "event.voided",
        "reading.recorded",
        "reading.corrected",
        "reading.voided",
        "baseline.set",
        "assessment.kept",
        "readiness.raised",
        "readiness.withdrawn",
        "escort.kept",
        "form.answered",
        "discharge.confirmed",
        "discharge.declined",
        "discharge.overridden",
        "discharge.recorded",
        "notice.raised",
        "notice.acknowledged",
        "protocol.drafted",
        "protocol.approved",
    }
)
"""Every change of a patient's record, and of the protocols it is judged by. Kinds are permanent, never reused."""

NOT_PUBLISHED = frozenset(
    {
        # who may do what here, and on which tablet: the clinic's own affair
        "clinic.created",
        "signing.set",
        "provider.settled",
        "provider.read",
        "identity.begun",
        "identity.linked",
        "identity.unlinked",
        "identity.refused",
        "second-factor.begun",
        "second-factor.added",
        "second-factor.removed",
        "second-factor.ended",
        "second-factor.refused",
        "second-factor.vouched",
        "recovery-codes.made",
        "recovery-code.used",
        "clinic.settled",
        "papers.settled",
        "installation.restored",
        "installation.backed-up",
        "restored.read",
        "staff.added",
        "staff.revised",
        "staff.listed",
        "staff.read",
        "staff.invited",
        "invitation.accepted",
        "pin.set",
        "pin.forgotten",
        "tablet.enrolled",
        "tablet.revised",
        "tablet.listed",
        "tablet.read",
        "tablet.key-renewed",
        "tablet.released",
        "tablet.session-opened",
        "tablet.session-left",
        "item.not-entered",
        "wall.made",
        "wall.revised",
        "wall.listed",
        "wall.refused",
        "push.subscribed",
        "push.unsubscribed",
        "alert.seen",
        "tablet.key-made",
        "tablet.key-released",
        "sign-in.begun",
        "sign-in.ended",
        "sign-in.locked",
        "sign-in.expired",
        "sign-in.failed",
        "sign-in.refused",
        "sign-ins.listed",
        "sign-ins.ended",
        "password.wrong",
        "password.given",
        "password.changed",
        "sent-for",
        "act.denied",
        "act.refused",
        # looks at the record
        "patient.read",
        "patient.history-read",
        "patient.past-read",
        "patients.searched",
        "course.read",
        "courses.listed",
        "session.read",
        "session.before-read",
        "sessions.searched",
        "sheet.history-read",
        "reading.history-read",
        "readiness.read",
        "assessments.read",
        "assessments.replayed",
        "board.read",
        "board.followed",
        "wall.read",
        "governance.replayed",
        "audit.read",
        "audit.verified",
        "audit.anchored",
        "break-glass.used",
        "break-glass.asked",
        "break-glass.opened",
        "break-glass.listed",
        "break-glass.reviewed",
        "break-glass.left",
        "break-glass.ended",
        "organisation.named",
        "secrets.rotated",
        "secrets.given-up",
        "feed.read",
        # the record as others read it, and who may
        "fhir.read",
        "fhir.searched",
        "fhir.history-read",
        "export.ordered",
        "export.read",
        "export.file-read",
        "export.deleted",
        "export.done",
        "export.failed",
        "export.ended",
        "export.expired",
        "export.begun",
        "record.rebuilt",
        "import.tried",
        "import.kept",
        "monitoring.read",
        "monitoring.listed",
        "after-visit.read",
        "downtime-sheet.read",
        "evidence.read",
        "session.packed",
        "session.exported",
        "session.sent",
        "client.listed",
        "client.registered",
        "client.keys-changed",
        "client.disabled",
        "client.refused",
        "client.token-given",
        "client.token-refused",
        # the webhooks themselves
        "webhook.added",
        "webhook.removed",
        "webhook.rotated",
        "webhook.paused",
        "webhook.resumed",
        "webhook.resent",
        "webhook.listed",
        "webhook.read",
        "webhook.values-sent",
    }
)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One change of the record, as integrators are told of it.

    `position`: its place in the clinic's feed, 1, 2, 3 ... without gaps, for ever. `id`: the audit event's. `at`: when
    it was kept, by the clinic's clock. `values`: the audit's `after`, which only those are shown who may see it.
    """

    position: int
    id: UUID
    kind: str
    at: datetime
    session_id: UUID | None
    patient_id: UUID | None
    subject: str
    subject_id: str
    revision: int | None
    values: Document | None = None

    @property
    def lane(self) -> str:
        """What is told in order: the events of one session, else of one patient, else of one thing."""
        return str(self.session_id or self.patient_id or f"{self.subject}:{self.subject_id}")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def item_document(item: FeedItem) -> Document:
    """Ids alone: nothing of the patient's."""
    return {
        "position": item.position,
        "id": str(item.id),
        "kind": item.kind,
        "at": to_text(item.at),
        "session_id": _text(item.session_id),
        "patient_id": _text(item.patient_id),
        "subject": item.subject,
        "subject_id": item.subject_id,
        "revision": item.revision,
    }
