"""What a lead or an auditor asks of the audit: each question, and the actions that answer it.

An action that answers none of them is what was charted: that stands in the record itself.
"""

from enum import StrEnum


class Question(StrEnum):
    """A saved question."""

    WHO_LOOKED = "who-looked"
    """At one patient, or one session: whatever shows something of them alone, or took it away."""
    LISTS = "lists"
    """Looks at many patients at once: the board, searches, the day's list."""
    REFUSED_SIGN_INS = "refused-sign-ins"
    """Of people, machines and wall boards: nobody came in."""
    REFUSED_ACTS = "refused-acts"
    """What somebody who was in may not do, or what did not fit the record."""
    EXPORTS = "exports"
    """What left the service: files, packs, values sent to others."""
    BREAK_GLASS = "break-glass"
    LATE_INFORMATION = "late-information"
    """What arrived after a signature, and who has acknowledged it."""
    RULES = "rules"
    """The protocols, and how the clinic works."""
    ACCESS = "access"
    """Who and what may come in: people, tablets, wall boards, machines, webhooks."""
    SIGN_INS = "sign-ins"
    AUDIT = "audit"
    """Who read or checked the audit itself."""


ANSWERED_BY: dict[Question, frozenset[str]] = {
    Question.WHO_LOOKED: frozenset(
        {
            "patient.read",
            "patient.history-read",
            "patient.past-read",
            "course.read",
            "courses.listed",
            "session.read",
            "session.before-read",
            "sheet.history-read",
            "reading.history-read",
            "readiness.read",
            "assessments.read",
            "assessments.replayed",
            "governance.replayed",
            "monitoring.read",
            "after-visit.read",
            "downtime-sheet.read",
            "session.packed",
            "session.exported",
            "session.sent",
            "fhir.read",
            "fhir.history-read",
            "break-glass.used",
            "break-glass.opened",
        }
    ),
    Question.LISTS: frozenset(
        {
            "board.read",
            "board.followed",
            "wall.read",
            "patients.searched",
            "sessions.searched",
            "monitoring.listed",
            "fhir.searched",
            "feed.read",
        }
    ),
    Question.REFUSED_SIGN_INS: frozenset(
        {
            "sign-in.failed",
            "sign-in.refused",
            "second-factor.refused",
            "identity.refused",
            "password.wrong",
            "client.refused",
            "client.token-refused",
            "wall.refused",
        }
    ),
    Question.REFUSED_ACTS: frozenset({"act.denied", "act.refused"}),
    Question.EXPORTS: frozenset(
        {
            "export.begun",
            "export.ordered",
            "export.read",
            "export.file-read",
            "export.done",
            "export.failed",
            "export.ended",
            "export.deleted",
            "export.expired",
            "session.packed",
            "session.exported",
            "session.sent",
            "webhook.values-sent",
            "installation.backed-up",
        }
    ),
    Question.BREAK_GLASS: frozenset(
        {
            "break-glass.asked",
            "break-glass.opened",
            "break-glass.used",
            "break-glass.left",
            "break-glass.ended",
            "break-glass.reviewed",
        }
    ),
    Question.LATE_INFORMATION: frozenset({"notice.raised", "notice.acknowledged"}),
    Question.RULES: frozenset(
        {
            "protocol.drafted",
            "protocol.approved",
            "clinic.created",
            "clinic.settled",
            "papers.settled",
            "signing.set",
            "provider.settled",
            "organisation.named",
            "secrets.rotated",
            "secrets.given-up",
            "installation.restored",
            "record.rebuilt",
            "import.tried",
            "import.kept",
        }
    ),
    Question.ACCESS: frozenset(
        {
            "staff.added",
            "staff.revised",
            "staff.invited",
            "invitation.accepted",
            "password.given",
            "password.changed",
            "sign-ins.ended",
            "identity.linked",
            "identity.unlinked",
            "second-factor.added",
            "second-factor.removed",
            "second-factor.ended",
            "second-factor.vouched",
            "recovery-codes.made",
            "recovery-code.used",
            "tablet.enrolled",
            "tablet.revised",
            "tablet.released",
            "tablet.key-made",
            "tablet.key-renewed",
            "tablet.key-released",
            "wall.made",
            "wall.revised",
            "client.registered",
            "client.keys-changed",
            "client.disabled",
            "webhook.added",
            "webhook.removed",
            "webhook.rotated",
            "webhook.paused",
            "webhook.resumed",
            "webhook.resent",
        }
    ),
    Question.SIGN_INS: frozenset(
        {"sign-in.begun", "sign-in.ended", "sign-in.locked", "sign-in.expired", "client.token-given", "pin.set"}
    ),
    Question.AUDIT: frozenset({"audit.read", "audit.verified", "audit.anchored", "break-glass.listed"}),
}
