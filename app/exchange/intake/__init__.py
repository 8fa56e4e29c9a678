"""What others send for import: CSV files and FHIR R4 Bundles as numbered rows, each fault with its row and column."""

from app.exchange.intake.csv_rows import csv_rows
from app.exchange.intake.days import DAY_COLUMNS, Planned, planned_of
from app.exchange.intake.fhir_days import day_rows
from app.exchange.intake.fhir_patients import patient_rows
from app.exchange.intake.patients import PATIENT_COLUMNS, BirthDates, patient_of
from app.exchange.intake.rows import (
    MOST_BYTES,
    MOST_ROWS,
    Columns,
    CountedIn,
    Fault,
    Incoming,
    Passed,
    PassedOver,
    Row,
    UnreadableFile,
)

__all__ = [
    "DAY_COLUMNS",
    "MOST_BYTES",
    "MOST_ROWS",
    "PATIENT_COLUMNS",
    "BirthDates",
    "Columns",
    "CountedIn",
    "Fault",
    "Incoming",
    "Passed",
    "PassedOver",
    "Planned",
    "Row",
    "UnreadableFile",
    "csv_rows",
    "day_rows",
    "patient_of",
    "patient_rows",
    "planned_of",
]
