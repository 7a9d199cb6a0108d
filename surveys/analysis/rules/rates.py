"""How many answers are needed, and which share of those asked answered."""

from dataclasses import dataclass
from math import ceil

from core.intervals import Z


def sample_size(population: int, error: float) -> int:
    """Answers needed for a share to be right within `error` percent points, 95 times of 100.

    n0 = z^2 * .25 / e^2, not rounded; with a finite population ceil(n0 / (1 + (n0 - 1) / N)).
    ValueError unless population >= 1 and 0 < error <= 50.
    """
    if population < 1 or not 0 < error <= 50:
        raise ValueError("a sample needs a population and an error above 0 up to 50 points")
    n0 = Z * Z * 0.25 / (error / 100) ** 2
    return ceil(n0 / (1 + (n0 - 1) / population))


@dataclass(frozen=True)
class Dispositions:
    """What became of everybody who was to be asked (AAPOR Standard Definitions): complete
    interviews, partial ones, refusals, non-contacts, others, unknown whether eligible at all
    (unknown household, unknown other), and the estimated share e of the unknown that is."""

    complete: int
    partial: int
    refusal: int
    non_contact: int
    other: int
    unknown_household: int
    unknown_other: int
    eligible_share: float


def response_rates(cases: Dispositions) -> dict[str, float | None]:
    """AAPOR response rates 1 to 5 and cooperation rate 1, as fractions of 1; None for nobody."""
    answered = cases.complete + cases.partial
    asked = answered + cases.refusal + cases.non_contact + cases.other
    unknown = cases.unknown_household + cases.unknown_other
    expected = cases.eligible_share * unknown
    met = answered + cases.refusal + cases.other
    return {
        "RR1": _share(cases.complete, asked + unknown),
        "RR2": _share(answered, asked + unknown),
        "RR3": _share(cases.complete, asked + expected),
        "RR4": _share(answered, asked + expected),
        "RR5": _share(cases.complete, asked),
        "COOP1": _share(cases.complete, met),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
