"""ER7, the encoding with bars: escapes, fields, segments (HL7 v2.5.1, chapter 2)."""

from datetime import date, datetime

from app.domain.instants import utc

FIELD, COMPONENT, REPETITION, ESCAPE, SUBCOMPONENT = "|", "^", "~", "\\", "&"
END = "\r"
ENCODING = COMPONENT + REPETITION + ESCAPE + SUBCOMPONENT

_ESCAPES = str.maketrans(
    {
        FIELD: "\\F\\",
        COMPONENT: "\\S\\",
        SUBCOMPONENT: "\\T\\",
        REPETITION: "\\R\\",
        ESCAPE: "\\E\\",
        "\r": "\\X0D\\",
        "\n": "\\X0A\\",
        "\t": "\\X09\\",
        # they end a message on the wire
        "\x0b": "\\X0B\\",
        "\x1c": "\\X1C\\",
    }
)


def text(value: str) -> str:
    """Text that no reader takes for structure."""
    return value.translate(_ESCAPES)


def _joined(separator: str, parts: tuple[str, ...]) -> str:
    return separator.join(parts).rstrip(separator)


def components(*parts: str) -> str:
    """A field of components, each encoded already; empty ones at the end left out."""
    return _joined(COMPONENT, parts)


def subcomponents(*parts: str) -> str:
    """A component of subcomponents, likewise."""
    return _joined(SUBCOMPONENT, parts)


def segment(name: str, fields: dict[int, str]) -> str:
    """One segment with these fields by number, each encoded already."""
    last = max((number for number, value in fields.items() if value), default=0)
    return FIELD.join([name, *(fields.get(number, "") for number in range(1, last + 1))]) + END


def instant(value: datetime | None) -> str:
    """DTM in UTC with its offset; four digits of a second where there are any."""
    if value is None:
        return ""
    moment = utc(value)
    fraction = f".{moment.microsecond // 100:04}" if moment.microsecond else ""
    return f"{moment:%Y%m%d%H%M%S}{fraction}+0000"


def day(value: date) -> str:
    """DT."""
    return f"{value:%Y%m%d}"
