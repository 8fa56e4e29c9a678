"""Import: decided row by row, kept all or not at all, and the same file again changes nothing."""

from app.services.intake.days import import_days
from app.services.intake.outcomes import IMPORTED, AcceptedRow, ImportRefused, Report, What
from app.services.intake.patients import import_patients

__all__ = ["IMPORTED", "AcceptedRow", "ImportRefused", "Report", "What", "import_days", "import_patients"]
