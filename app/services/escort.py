"""The escort: who takes the patient home, and when they were seen here."""

from functools import partial
from uuid import UUID

from app.db.work import Work
from app.domain.deciding import sheets as deciding
from app.domain.facts import Escort
from app.domain.people import Act, check_may
from app.domain.records import Kept
from app.services.session_work import carry_out


def put(work: Work, session_id: UUID, offered: Escort, expected: int | None) -> tuple[Kept[Escort], bool]:
    """Keeps who the escort is. Present without a time means present now."""
    check_may(work.actor, Act.CHART)
    done = carry_out(work, session_id, partial(deciding.escort, offered=offered, expected=expected))
    kept = done.record.escorts[-1]
    return kept, done.new and kept.revision == 1
