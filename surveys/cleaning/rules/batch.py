"""The rows a check works on, one array per fact, and what a check finds in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]
Strings = NDArray[np.str_]

MARKED, EXCLUDING = 1, 2  # levels of a finding: what the check's kind says, or hard by itself


@dataclass(frozen=True)
class Batch:
    """n responses to one questionnaire.

    `values`: n x numeric questions, NaN where not answered on the scale. `answered`: n x all
    questions, a "not applicable" counts as answered. `choices`: chosen option code (None if empty)
    of the single choices a check compares. `seconds`: time taken (NaN unknown). `submitted`:
    seconds since 1970 (UTC). `mode`: the channel. `preview`: not an answer of a customer at all.
    `stage`: stage of the service event, "" without one.
    """

    values: Floats
    answered: Bools
    choices: Mapping[str, Objects]
    seconds: Floats
    submitted: Floats
    mode: Strings
    preview: Bools
    stage: Strings

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Links:
    """What ties a batch's rows to other rows and registers, found over the whole survey.

    `kept`: number of the answer that is kept for the case instead of this one, None if this one is
    it. `device_uses`: most answers of the row's device within the rule's hours (0 no device).
    `network`: 1 a store's, 0 another, -1 unknown. `staff`: "phone", "email" or None; `reachable`:
    a contact is known. `text_uses`: responses with the same comment (0: none long enough).
    `expected`: fact question -> what the order says (None unknown).
    """

    kept: Objects
    device_uses: NDArray[np.int64]
    network: NDArray[np.int64]
    staff: Objects
    reachable: Bools
    text_uses: NDArray[np.int64]
    expected: Mapping[str, Objects] = field(default_factory=dict)

    @classmethod
    def none(cls, n: int) -> "Links":
        """No ties known: every check of identity is not testable."""
        zeros = np.zeros(n, dtype=np.int64)
        nothing = np.full(n, None, dtype=object)
        return cls(nothing, zeros, zeros - 1, nothing, np.zeros(n, dtype=bool), zeros)


@dataclass(frozen=True)
class Finding:
    """`level` per row (0, MARKED, EXCLUDING); `tested`: the check had enough to work on.

    `evidence(row)` gives the figures of a hit, without personal data.
    """

    level: NDArray[np.int8]
    tested: Bools
    evidence: Callable[[int], dict[str, Any]]

    @classmethod
    def of(cls, hit: Bools, tested: Bools, evidence: Callable[[int], dict[str, Any]]) -> "Finding":
        return cls((hit & tested).astype(np.int8) * MARKED, tested, evidence)
