"""The flat export: sessions, readings, revisions, events and findings as tables, for research.

One definition of the columns (`tables.TABLES`) makes the files, their types in all three formats, and the dictionary.
"""

from app.exchange.flat.cells import Cell, Column, Data, FlatTable
from app.exchange.flat.dictionary import dictionary
from app.exchange.flat.disguise import Disguise, WeakKey
from app.exchange.flat.tables import TABLES, TableName, rows_of
from app.exchange.flat.wholes import WholeSession
from app.exchange.flat.write import MEDIA_TYPES, Encoder, FileFormat, FormNotInstalled, check_installed, encoder

__all__ = [
    "MEDIA_TYPES",
    "TABLES",
    "Cell",
    "Column",
    "Data",
    "Disguise",
    "Encoder",
    "FileFormat",
    "FlatTable",
    "FormNotInstalled",
    "TableName",
    "WeakKey",
    "WholeSession",
    "check_installed",
    "dictionary",
    "encoder",
    "rows_of",
]
