"""Import: decided row by row, kept all or not at all, and the same file again changes nothing."""

from app.services.intake.days import import_days
from app.services.intake.finishing import ImportMovedOn, ImportRefused, SeenReport
from app.services.intake.outcomes import IMPORTED, AcceptedRow, Alike, Report, What
from app.services.intake.patients import import_patients

__all__ = [
    "IMPORTED",
    "AcceptedRow",
    "Alike",
    "ImportMovedOn",
    "ImportRefused",
    "Report",
    "SeenReport",
    "What",
    "import_days",
    "import_patients",
]
