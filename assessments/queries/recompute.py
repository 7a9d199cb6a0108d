"""Score facts again with what a run froze: its schemes, units and peer groups."""

from assessments.models import Scorecard, ScoringRun
from assessments.queries.schemes import parsed
from assessments.queries.scorecards import groups_of
from assessments.rules.engine import PersonScore, score
from assessments.rules.facts import PersonFacts
from assessments.rules.scheme import SchemeSpec
from assessments.rules.whatif import WhatIf, what_if


def score_again(run: ScoringRun, facts: PersonFacts) -> PersonScore:
    """What these facts give by the rules and groups of the run."""
    return score(facts, schemes_of(run, facts), groups_of(run), units_of(run))


def schemes_of(run: ScoringRun, facts: PersonFacts) -> dict[str, SchemeSpec]:
    """Content hash -> the scheme, of every scheme these facts are scored by."""
    used = {placement["scheme"] for placement in facts["placements"]}
    known = run.rules["schemes"]
    return {key: parsed(known[key]["id"], key) for key in sorted(used) if key in known}


def units_of(run: ScoringRun) -> dict[str, str]:
    """Indicator code -> its unit when the run was computed."""
    return {code: row["unit"] for code, row in run.rules["indicators"].items()}


def what_if_of(scorecard: Scorecard) -> list[WhatIf]:
    """What single changes of a scorecard's facts would have given; empty without a composite."""
    facts: PersonFacts = scorecard.facts
    if not facts.get("placements"):
        return []
    run = scorecard.run
    schemes, groups, units = schemes_of(run, facts), groups_of(run), units_of(run)
    now = score(facts, schemes, groups, units)
    return what_if(facts, now, schemes, units, lambda one: score(one, schemes, groups, units))
