"""From findings to a verdict: hard excludes, review and two families of doubt go to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from surveys.cleaning.rules import carefulness, completeness, identity
from surveys.cleaning.rules.baseline import Baseline
from surveys.cleaning.rules.batch import EXCLUDING, MARKED, Batch, Bools, Finding, Links
from surveys.cleaning.rules.catalogue import CATALOGUE, Kind
from surveys.cleaning.rules.completeness import Window
from surveys.cleaning.rules.form import Form
from surveys.cleaning.rules.ruleset import RuleSet

COUNTED, REVIEW, EXCLUDED = "counted", "review", "excluded"


@dataclass(frozen=True)
class Judged:
    """The verdict on one response: the checks that hit, in the catalogue's order, and figures."""

    verdict: str
    checks: tuple[str, ...] = ()
    evidence: Mapping[str, Mapping[str, Any]] | None = None


CLEAN = Judged(COUNTED, (), {})  # the verdict on every answer without a mark


def fresh_findings(
    form: Form, batch: Batch, links: Links, window: Window, rules: RuleSet
) -> dict[str, Finding]:
    """What can be said the moment answers arrive: the hard checks of the answer itself."""
    found = completeness.alone(form, batch, window, rules)
    if rules.uses("duplicate"):
        found["duplicate"] = completeness.duplicate(batch, links)
    return found


def all_findings(
    form: Form,
    batch: Batch,
    links: Links,
    window: Window,
    baseline: Baseline,
    rules: RuleSet,
) -> dict[str, Finding]:
    """Every check of the rule set. A repeated submission (`retry`) is never stored a second time,
    so among stored rows it has nothing to find."""
    found = fresh_findings(form, batch, links, window, rules)
    later = {
        "attention": lambda: carefulness.attention(form, batch, rules),
        "too_fast": lambda: carefulness.too_fast(form, batch, baseline, rules),
        "straight_line": lambda: carefulness.straight_line(form, batch, rules),
        "irv": lambda: carefulness.irv(form, batch, rules),
        "even_odd": lambda: carefulness.even_odd(form, batch, rules),
        "mahalanobis": lambda: carefulness.mahalanobis(form, batch, baseline, rules),
        "contradiction": lambda: carefulness.contradiction(form, batch, rules),
        "same_device": lambda: identity.same_device(batch, links, rules),
        "store_network": lambda: identity.store_network(batch, links, rules),
        "staff_contact": lambda: identity.staff_contact(links),
        "same_text": lambda: identity.same_text(links),
        "fact_mismatch": lambda: identity.fact_mismatch(form, batch, links, rules),
    }
    return found | {code: check() for code, check in later.items() if rules.uses(code)}


def judge(findings: Mapping[str, Finding], n: int, review_from_families: int = 2) -> list[Judged]:
    """One verdict per row. A hard hit excludes; a review hit, or soft hits of enough different
    families, send to review; anything less is counted with its marks."""
    result = [CLEAN] * n
    ordered = [(code, findings[code]) for code in CATALOGUE if code in findings]
    if not ordered or not n:
        return result
    excluded, doubtful = levels(findings, n, review_from_families)
    hit_rows, hit_checks = np.nonzero(np.stack([finding.level for _, finding in ordered], axis=1))
    if not len(hit_rows):
        return result
    rows, starts = np.unique(hit_rows, return_index=True)
    ends = [*starts[1:].tolist(), len(hit_rows)]
    places = hit_checks.tolist()
    for row, start, end in zip(rows.tolist(), starts.tolist(), ends, strict=True):
        verdict = EXCLUDED if excluded[row] else REVIEW if doubtful[row] else COUNTED
        hits = [ordered[place] for place in places[start:end]]
        result[row] = Judged(
            verdict,
            tuple(code for code, _ in hits),
            {code: _figures(code, finding, row) for code, finding in hits},
        )
    return result


def levels(
    findings: Mapping[str, Finding], n: int, review_from_families: int = 2
) -> tuple[Bools, Bools]:
    """(excluded, to be reviewed) per row."""
    excluded = np.zeros(n, dtype=bool)
    doubtful = np.zeros(n, dtype=bool)
    families: dict[str, Bools] = {}
    for code, finding in findings.items():
        check = CATALOGUE[code]
        excluded |= finding.level == EXCLUDING
        marked = finding.level == MARKED
        if check.kind is Kind.HARD:
            excluded |= marked
        elif check.kind is Kind.REVIEW:
            doubtful |= marked
        elif check.family is not None:
            families[check.family] = families.get(check.family, np.zeros(n, dtype=bool)) | marked
    flags: Sequence[Bools] = list(families.values())
    if flags:
        doubtful |= np.sum(flags, axis=0) >= review_from_families
    return excluded, doubtful & ~excluded


def verdict_of(
    checks: Sequence[str], evidence: Mapping[str, Mapping[str, Any]], review_from_families: int = 2
) -> str:
    """The verdict that stored checks amount to, by the same reading as `levels`."""
    one = np.ones(1, dtype=bool)
    found = {
        code: Finding(
            np.array([EXCLUDING if evidence.get(code, {}).get("hard") else MARKED], dtype=np.int8),
            one,
            lambda row: {},
        )
        for code in checks
    }
    excluded, doubtful = levels(found, 1, review_from_families)
    return EXCLUDED if excluded[0] else REVIEW if doubtful[0] else COUNTED


def _figures(code: str, finding: Finding, row: int) -> dict[str, Any]:
    """Evidence of a hit; a soft check that was hard this time says so."""
    hard = finding.level[row] == EXCLUDING and CATALOGUE[code].kind is not Kind.HARD
    return finding.evidence(row) | ({"hard": True} if hard else {})
