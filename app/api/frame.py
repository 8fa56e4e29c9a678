"""What one running service shares among its requests."""

from asyncio import Semaphore
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.api.following import Following
from app.api.shared_looks import SharedLooks
from app.clock import Clock
from app.db.clinics import Installation
from app.db.engine import Database
from app.db.unchanged import SessionStands
from app.services.duties import Duty
from app.services.fhir.known import KnownResources
from app.services.key_sets import KeySets
from app.services.passwords import Passwords
from app.services.sign_in import SignInPolicy
from app.services.sign_in_memory import SignInMemory
from app.services.strangers import Strangers
from app.services.walls import Noted


@dataclass(frozen=True, slots=True)
class Frame:
    """The shared parts. Lives at `app.state.frame`."""

    clock: Clock
    database: Database
    duties: tuple[Duty, ...]
    """What the service does by itself."""
    life: Installation
    """Which life of the record this is: another one only after a restore, and then another service."""
    demo: bool
    """Whether nobody in this database is a patient: settled before its first service starts."""
    passwords: Passwords
    strangers: Strangers
    refused: Strangers
    """The same of those who are signed in."""
    policy: SignInPolicy
    sign_ins: SignInMemory
    known: KnownResources
    stands: SharedLooks[UUID, SessionStands]
    """How sessions stand."""
    heads: SharedLooks[str, str]
    """Which hash covers all that a stream holds."""
    following: Following
    walls: Noted
    """Which wall boards were noted in the audit lately."""
    public_url: str | None
    """Where others find this service, without a slash at the end; None where nobody has said."""
    key_sets: KeySets
    export_folder: Path
    """Where the files of bulk exports lie."""
    files: Semaphore
    """Whose turn it is of those who send files to import."""
    database_folder: Path | None = None
    """Where a SQLite file lies; None where the database is elsewhere."""
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
