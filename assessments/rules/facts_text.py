"""The canonical text of a person's facts, put together from its parts.

`dumps` of the same facts gives the same text. Most people have one placement like thousands of
others and figures that the database has already written in this form, so only few parts are new.
"""

from collections.abc import Mapping, Sequence

from assessments.rules.canonical import dumps, quoted
from assessments.rules.facts import PlacementFacts, ResponseSum

_SPLIT = {"": None}  # no indicator has an empty code: where the figures go


class PlacementTexts:
    """Texts of placements around their figures; those of equal placements are made once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str, str, int, str], tuple[str, str]] = {}

    def around(self, placement: PlacementFacts) -> tuple[str, str]:
        """What stands before and behind the figures of a placement that has none yet."""
        key = (
            placement["department"],
            placement["position"],
            placement["first"],
            placement["last"],
            placement["days"],
            placement["scheme"],
        )
        found = self._known.get(key)
        if found is None:
            before, behind = dumps({**placement, "measured": _SPLIT}).split('"":null')
            found = self._known[key] = (before, behind)
        return found


def person_text(
    employee: str,
    months: int,
    *,
    working_days: str,
    present_days: str,
    placements: str,
    responses: Sequence[ResponseSum],
) -> str:
    """dumps of the facts, `placements` being the texts of the placements between commas."""
    return (
        f'{{"employee":{quoted(employee)},"months":{months},"placements":[{placements}]'
        f',"present_days":"{present_days}","responses":{dumps(responses) if responses else "[]"}'
        f',"working_days":"{working_days}"}}'
    )


def figures_text(measured: Mapping[str, Sequence[str]]) -> str:
    """Figures as they stand in the text of a placement: dumps without the braces."""
    return dumps(measured)[1:-1]
