"""The bytes of a file as text: UTF-8 or a sentence that says what it is instead, and how to save it."""

from app.exchange.intake.rows import MOST_BYTES, UnreadableFile

_OTHERS = (
    (b"PK\x03\x04", "is a workbook (XLSX, ODS) or a ZIP: save the sheet as CSV in UTF-8"),
    (b"\xd0\xcf\x11\xe0", "is an old workbook (XLS): save the sheet as CSV in UTF-8"),
    (b"%PDF", "is a PDF: export the list as CSV in UTF-8"),
    (b"\x1f\x8b", "is compressed (gzip): unpack it first"),
    (b"<", "is XML or HTML: export the list as CSV in UTF-8, or the Bundle as JSON"),
)


def text_of(content: bytes) -> str:
    """The text of a file. Raises `UnreadableFile` for what is not UTF-8."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1024 // 1024} MiB: split it.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("The file is UTF-16: save it as UTF-8 (in a spreadsheet: CSV UTF-8).")
    for begins, what in _OTHERS:
        if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(begins):
            raise UnreadableFile(f"The file {what}.")
    if b"\0" in content:
        raise UnreadableFile(
            "The file holds NUL characters: it is not text in UTF-8 (UTF-16, perhaps): save it as UTF-8."
        )
    try:
        return content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"Line {line} is not UTF-8 (Latin-1 or Windows-1252, perhaps): save the file as UTF-8, "
            "so that no name is spoilt."
        ) from None
