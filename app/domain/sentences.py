"""The one place where sentences are formed, from a code, its parameters and the limits it was held against."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.canonical import Document, Json
from app.domain.codes import IN_SET, Code
from app.domain.screening import LABELS, Exclusion
from app.domain.symptoms import SymptomCode
from app.domain.symptoms import label as symptom_label
from app.domain.vitals import VITALS, OxygenKind, Vital


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a sentence: a code with its parameters, as a finding nests it."""

    code: Code
    params: Mapping[str, Json] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """As the middle of a sentence."""
        return words(self.code, self.params)

    def document(self) -> Document:
        """`{code, ...}`: the parameters beside their code."""
        return {"code": self.code.value, **self.params}


Told = Mapping[str, Any]


def _part(reason: Told, limits: Told) -> str:
    return words(Code(reason["code"]), reason, limits)


def _parts(reasons: Sequence[Told], limits: Told) -> str:
    return "; ".join(_part(one, limits) for one in reasons)


def _oxygen(oxygen: Told) -> str:
    if oxygen["kind"] == OxygenKind.ROOM_AIR:
        return "room air"
    return f"oxygen {oxygen['flow_l_min']} l/min" if oxygen["flow_l_min"] else "oxygen of an unknown flow"


def _sides(up: int | None, down: int | None, unit: str) -> Iterator[str]:
    if up is not None and up == down:
        yield f"within {up}{unit} of"
        return
    if up is not None:
        yield f"at most {up}{unit} above"
    if down is not None:
        yield f"at most {down}{unit} below"


def relative_words(limits: Told) -> str:
    """The relative limits in plain words, to be followed by "the baseline": "within 20 % of"."""
    percent = _sides(limits["percent_up"], limits["percent_down"], " %")
    return " and ".join([*percent, *_sides(limits["delta_up"], limits["delta_down"], "")])


def _run(params: Told) -> str:
    counted, first, last = params["counted"], params["from"], params["to"]
    said = f"{counted} counted set{'' if counted == 1 else 's'}"
    if first is None:
        return said
    return f"{said}, at {first}" if first == last else f"{said} from {first} to {last}"


def _named(params: Told, *, blocks: bool | None) -> str:
    return ", ".join(
        f"{symptom_label(SymptomCode(one['symptom']))} ({one['severity'] or 'severity not given'}, "
        f"named at {one['named_at']})"
        for one in params["open"]
        if one["blocks"] is blocks
    )


def _doubtful(params: Told) -> str:
    return ", ".join(
        f"the reading at {one['at']}" if one["kind"] == "reading" else f"{one['kind']} at {one['at']}"
        for one in params["doubtful"]
    )


def _pressure(systolic: int | None, diastolic: int | None) -> str:
    return "/".join("-" if value is None else str(value) for value in (systolic, diastolic))


def _settling(params: Told) -> str:
    waiting = [one for one in params["given"] if not one["settled"]]
    return "; ".join(f"{one['medication']} given at {one['at']} settles at {one['settles_at']}" for one in waiting)


FORMERS: Mapping[str, Callable[[Told, Told], str]] = {
    "allowed": lambda params, _: f"{params['allowed'][0]} to {params['allowed'][1]}",
    "baseline_oxygen": lambda params, _: _oxygen(params["baseline_oxygen"]),
    "began_after": lambda params, limits: _part(params["began_after"], limits),
    "behind": lambda params, _: ", ".join(params["behind"]),
    "beyond": lambda params, limits: (
        f"{'below' if params['beyond'] == 'floor' else 'above'} the {params['beyond']} {limits[params['beyond']]}"
    ),
    "blocking": lambda params, _: _named(params, blocks=True),
    "cannot_be": lambda params, limits: _parts(params["cannot_be"], limits),
    "clocks": lambda params, limits: _parts(params["clocks"], limits),
    "doubtful": lambda params, _: _doubtful(params),
    "doubts": lambda params, limits: _parts(params["doubts"], limits),
    "exclusion": lambda params, _: LABELS[Exclusion(params["exclusion"])],
    "near": lambda params, limits: f"{relative_words(limits)} the baseline {params['baseline']['shown']}",
    "oxygen": lambda params, _: _oxygen(params["oxygen"]),
    "pressure": lambda params, _: _pressure(params["systolic"], params["diastolic"]),
    "pressure_limit": lambda params, _: _pressure(*params["limit"]),
    "run": lambda params, _: _run(params),
    "settling": lambda params, _: _settling(params),
    "shown": lambda params, _: str(params["baseline"]["shown"]),
    "symptom": lambda params, _: symptom_label(SymptomCode(params["symptom"])),
    "ungraded": lambda params, _: _named(params, blocks=None),
    "vital": lambda params, _: VITALS[Vital(params["vital"])].label,
    "waiting": lambda params, limits: _parts(params["waiting"], limits),
    "wanted_instrument": lambda _, limits: str(limits["instrument"]),
    "wanted_scale": lambda _, limits: str(limits["scale"]),
    "wanted_sets": lambda _, limits: (
        f"{limits['sets']} counted sets with at least {limits['minutes']} minutes from first to last"
    ),
    "why": lambda params, limits: _part(params["why"], limits),
}
"""What is more than one value put in its place."""


class _Names(dict[str, str]):
    """Looks a template's names up as it meets them. A name that nobody gave is an error, never a gap."""

    def __init__(self, params: Told, limits: Told) -> None:
        super().__init__()
        self._params, self._limits = params, limits

    def __missing__(self, name: str) -> str:
        if name in FORMERS:
            return FORMERS[name](self._params, self._limits)
        value = self._params[name] if name in self._params else self._limits[name]
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise TypeError(f"{name} has no words of its own")
        return str(value)


def words(code: Code, params: Told, limits: Told | None = None) -> str:
    """What a code says, as the middle of a sentence, with whatever else (`also`) came to the same outcome."""
    names = _Names(params, limits or {})
    further = (Code(one).template.removeprefix(IN_SET) for one in params.get("also", ()))
    return "; ".join(template.format_map(names) for template in (code.template, *further))


def sentence(code: Code, params: Told, limits: Told) -> str:
    """The finished sentence of a finding. Its instants never age, so an unchanged verdict is an unchanged text."""
    text = words(code, params, limits)
    return f"{text[0].upper()}{text[1:]}."


def because_of(finding: Told) -> str:
    """The sentence of a finding as its document keeps it."""
    return sentence(Code(finding["code"]), finding["params"], finding["limits"])
