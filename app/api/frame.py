"""What one running service shares among its requests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.api.following import Following
from app.api.shared_looks import SharedLooks
from app.clock import Clock
from app.db.engine import Database
from app.db.unchanged import SessionStands
from app.services.duties import Duty
from app.services.fhir.known import KnownResources
from app.services.first_run import FirstRun
from app.services.key_sets import KeySets
from app.services.lockout import Lockout
from app.services.passwords import Passwords
from app.services.sign_in import SignInPolicy
from app.services.sign_in_memory import SignInMemory


@dataclass(frozen=True, slots=True)
class Frame:
    """The shared parts. Lives at `app.state.frame`."""

    clock: Clock
    database: Database
    duties: tuple[Duty, ...]
    """What the service does by itself."""
    demo: bool
    """Whether nobody in this database is a patient: settled before its first service starts."""
    passwords: Passwords
    lockout: Lockout
    policy: SignInPolicy
    first_run: FirstRun
    sign_ins: SignInMemory
    known: KnownResources
    stands: SharedLooks[UUID, SessionStands]
    """How sessions stand."""
    heads: SharedLooks[str, str]
    """Which hash covers all that a stream holds."""
    following: Following
    public_url: str | None
    """Where others find this service, without a slash at the end; None where nobody has said."""
    key_sets: KeySets
    export_folder: Path
    """Where the files of bulk exports lie."""
    proofs: Lockout
    """Counts machines' failures to prove themselves, apart from people's passwords."""
    export_key: str | None = None
    """Secret of exports without identifiers."""


def frame(request: Request) -> Frame:
    """The shared parts of the service that this request came to."""
    found: Frame = request.app.state.frame
    return found


async def _shared(request: Request) -> Frame:
    return frame(request)


Shared = Annotated[Frame, Depends(_shared)]
"""For the few routes that ask nobody who they are."""
