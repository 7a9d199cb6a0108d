"""What a policy excludes or holds people by and the product keeps no record of yet.

Nobody is excluded or held by it, so whoever simulates, activates or decides is told to look.
"""

from typing import Any

from django.utils.translation import gettext as _

from incentives.queries.reasons import exclusion_name

RUN_KIND = "rank_share"
# What `incentives.queries.holds` finds; nothing finds exclusions yet.
RECORDED = frozenset({"score_held", "appeal_open"})


def unrecorded(spec: dict[str, Any]) -> list[str]:
    """The codes that the awards worked out by this version name and nothing records, each once."""
    named = [
        code
        for award in spec["awards"]
        if award["kind"] == RUN_KIND
        for code in (*award["eligibility"]["exclusions"], *award["eligibility"]["hold_if"])
    ]
    return [code for code in dict.fromkeys(named) if code not in RECORDED]


def unrecorded_words(spec: dict[str, Any]) -> str:
    """One sentence about them in the reader's language; empty where everything is recorded."""
    codes = unrecorded(spec)
    if not codes:
        return ""
    names = [_("an open case") if code == "case_open" else exclusion_name(code) for code in codes]
    return _(
        "The policy excludes people or keeps their places by what is not recorded here yet:"
        " %(what)s. Nobody is excluded or held by it: check the winners by hand."
    ) % {"what": _("; ").join(names)}
