"""What was found in personal data that were erased since: read beside what the data still say.

The figures are those of the day of the erasure, by the rules of that day; thresholds are applied to
them anew. Of figures that are still counted the greater one holds, so an erasure never raises one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from surveys.cleaning.rules.batch import Links
from surveys.models import KeptFinding

# The checks that read what can be erased, and the figure of each that is counted over answers.
ERASABLE = ("same_device", "store_network", "staff_contact", "same_text")
COUNTED = {"same_device": "uses", "same_text": "responses"}


@dataclass(frozen=True)
class Kept:
    """Response id -> figure, by check; `written`: response id -> codes of its required texts."""

    devices: Mapping[int, int] = field(default_factory=dict)
    texts: Mapping[int, int] = field(default_factory=dict)
    networks: frozenset[int] = frozenset()
    staff: Mapping[int, str] = field(default_factory=dict)
    written: Mapping[int, frozenset[str]] = field(default_factory=dict)


def kept_of(survey_id: int, first: date, last: date) -> Kept:
    """What is kept of the survey's answers of these days; one query."""
    rows = KeptFinding.objects.filter(survey_id=survey_id, answered_on__range=(first, last))
    counted: dict[str, dict[int, int]] = {code: {} for code in COUNTED}
    networks: set[int] = set()
    staff: dict[int, str] = {}
    written: dict[int, frozenset[str]] = {}
    for response, code, figures in rows.order_by("id").values_list(
        "response_id", "code", "figures"
    ):
        if code in COUNTED:
            uses = int(figures.get(COUNTED[code], 0))
            counted[code][response] = max(uses, counted[code].get(response, 0))
        elif code == "store_network":
            networks.add(response)
        elif code == "staff_contact":
            staff[response] = str(figures.get("match", ""))
        elif code == KeptFinding.WRITTEN:
            written[response] = written.get(response, frozenset()) | set(figures["texts"])
    return Kept(counted["same_device"], counted["same_text"], frozenset(networks), staff, written)


def with_kept(links: Links, ids: NDArray[np.int64], kept: Kept) -> Links:
    """The links of the rows (by response id) together with what is kept of erased data."""
    if not (kept.devices or kept.texts or kept.networks or kept.staff):
        return links
    staff, reachable, network = links.staff.copy(), links.reachable.copy(), links.network.copy()
    place = {int(response): at for at, response in enumerate(ids)}
    for response, match in kept.staff.items():
        if response in place:
            staff[place[response]], reachable[place[response]] = match, True
    for response in kept.networks & place.keys():
        network[place[response]] = 1
    return replace(
        links,
        device_uses=_greater(links.device_uses, place, kept.devices),
        text_uses=_greater(links.text_uses, place, kept.texts),
        network=network,
        staff=staff,
        reachable=reachable,
    )


def _greater(
    live: NDArray[np.int64], place: Mapping[int, int], kept: Mapping[int, int]
) -> NDArray[np.int64]:
    found = live.copy()
    for response, figure in kept.items():
        if response in place:
            found[place[response]] = max(found[place[response]], figure)
    return found


def written_kept(survey_id: int, first: date, last: date) -> dict[str, list[int]]:
    """Text question -> erased responses that had answered it."""
    found: dict[str, list[int]] = {}
    for response, codes in kept_of(survey_id, first, last).written.items():
        for code in sorted(codes):
            found.setdefault(code, []).append(response)
    return found
