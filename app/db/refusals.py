"""What the keeping of things can refuse by itself, whatever was asked."""

from app.domain.errors import Conflict, Refusal


class Unavailable(Refusal):
    """The service cannot keep or read this now. Nothing was kept; try again."""

    code = "unavailable"
    retry_after = 2
    """Seconds after which another try makes sense."""


class Busy(Unavailable):
    """More is being kept than the service can take at once. Nothing of this was kept; try again in a moment."""

    code = "busy"
    retry_after = 1


class Overtime(Unavailable):
    """This took longer than the service waits for it, and was ended. Nothing of this was kept; try again."""

    code = "overtime"


class TooCostly(Refusal):
    """This asks for more than can be looked through at once: ask for less, with narrower conditions or a shorter page.

    The database has ended what it was doing for it.
    """

    code = "too-costly"


class StorageFull(Unavailable):
    """The storage of the service is full. Nothing of this was kept; the operator must make room."""

    code = "storage-full"
    retry_after = 30


class MovedOn(Conflict):
    """Somebody else changed this meanwhile. Load it again and decide anew."""

    code = "moved-on"


class AlreadyKept(Conflict):
    """Something else is kept under this key already."""

    code = "already-kept"


class DatabaseFault(Exception):
    """The database refused a statement: a mistake in our code. Says what and where, and never with which values."""


class UnauditedWork(Exception):
    """A unit of work kept something of the record and said nothing of it to the audit: a mistake in our code."""


class UnsafeDatabase(Exception):
    """The database cannot be trusted with a record as it is set up. The text is one sentence for the operator."""


class OldSchema(UnsafeDatabase):
    """The tables are of another version than this program needs."""


class NoCopy(Exception):
    """A copy of the database cannot be made, or not brought back there. The text is one sentence for the operator."""
