"""Near the baseline, exactly: percent and delta as integer comparisons with (sum, count)."""

from app.domain.assessment import BaselineVital
from app.domain.protocol.values import RecoveryLimits


def too_far_up(value: int, reference: BaselineVital, limits: RecoveryLimits) -> bool:
    """Whether `value` lies further above the baseline than the protocol allows. Bounds are inclusive."""
    distance = value * reference.count - reference.sum
    if limits.percent_up is not None and 100 * distance > limits.percent_up * reference.sum:
        return True
    return limits.delta_up is not None and distance > limits.delta_up * reference.count


def too_far_down(value: int, reference: BaselineVital, limits: RecoveryLimits) -> bool:
    """Whether `value` lies further below the baseline than the protocol allows. Bounds are inclusive."""
    distance = reference.sum - value * reference.count
    if limits.percent_down is not None and 100 * distance > limits.percent_down * reference.sum:
        return True
    return limits.delta_down is not None and distance > limits.delta_down * reference.count


def allowed_band(reference: BaselineVital, limits: RecoveryLimits) -> tuple[int, int]:
    """The lowest and highest whole numbers that are met: for sentences and pictures, the comparisons above decide.

    Needs a known baseline. The two bounds cross where the absolute limits leave no room around this baseline.
    """
    total, count = reference.sum, reference.count
    lows, highs = [limits.floor], [limits.ceiling]
    if limits.percent_up is not None:
        highs.append((total * (100 + limits.percent_up)) // (100 * count))
    if limits.percent_down is not None:
        lows.append(-((-total * (100 - limits.percent_down)) // (100 * count)))
    if limits.delta_up is not None:
        highs.append((total + limits.delta_up * count) // count)
    if limits.delta_down is not None:
        lows.append(-((-total + limits.delta_down * count) // count))
    return max(lows), min(highs)


def _sides(up: int | None, down: int | None, unit: str) -> list[str]:
    if up is not None and up == down:
        return [f"within {up}{unit}"]
    parts = []
    if up is not None:
        parts.append(f"at most {up}{unit} above")
    if down is not None:
        parts.append(f"at most {down}{unit} below")
    return parts


def relative_words(limits: RecoveryLimits) -> str:
    """The relative limits in plain words, to be followed by "the baseline": "within 20 % of"."""
    parts = _sides(limits.percent_up, limits.percent_down, " %") + _sides(limits.delta_up, limits.delta_down, "")
    return " and ".join(f"{part} of" if part.startswith("within") else part for part in parts)
