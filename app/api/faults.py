"""What the form of a request got wrong, in our own sentences: which field, and what would be right."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import FieldError
from app.domain.places import shown

_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field here: leave it out",
    "int_type": "must be a whole number, without quotes, decimal point or exponent",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, without quotes",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "date_type": "must be a date such as 1980-02-29",
    "uuid_parsing": "must be a UUID such as 0190a5c4-8d3e-7abc-8def-0123456789ab",
    "uuid_type": "must be a UUID such as 0190a5c4-8d3e-7abc-8def-0123456789ab",
    "none_required": "must be null or left out",
    "json_invalid": "must be JSON",
}
_WITH_CONTEXT = {
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "union_tag_invalid": "must name one of {expected_tags}",
    "union_tag_not_found": "must say which kind it is",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "takes at most {max_length} characters",
    "string_pattern_mismatch": "does not have the form it needs",
    "too_long": "takes at most {max_length} entries",
    "too_short": "needs at least {min_length} entries",
}


def _sentence(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind in _WITH_CONTEXT:
        return _WITH_CONTEXT[kind].format_map(error.get("ctx", {}))
    if kind.startswith("said:"):
        return str(error["msg"])
    return "is not valid"


def _path(error: Mapping[str, Any], body: object) -> str:
    """The dotted path as the sender would write it: steps that are not in the body (a union's tag) are left out.

    A last step that an object lacks is a field that is missing; below anything else it is a union's tag again.
    """
    origin, *steps = error["loc"]
    if error["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        steps.append(error["ctx"]["discriminator"].strip("'"))
    at = body
    path: list[str] = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if step == "[key]":
            continue
        if origin == "body":
            match at:
                case Mapping() if step in at:
                    at = at[step]
                case list() if isinstance(step, int) and 0 <= step < len(at):
                    at = at[step]
                case Mapping() if last:
                    pass
                case _:
                    continue
        path.append(shown(step))
    return ".".join(path) or str(origin)


def field_errors(errors: Sequence[Mapping[str, Any]], body: object) -> list[FieldError]:
    """One entry a field at fault, in the order found, each naming a field of `body`, the path or the query.

    A field that may be one of several things says of each why it is not that.
    """
    said: dict[str, dict[str, None]] = {}
    for error in errors:
        said.setdefault(_path(error, body), {})[_sentence(error)] = None
    return [FieldError(path, ", or ".join(sentences)) for path, sentences in said.items()]
