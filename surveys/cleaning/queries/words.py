"""Checks and their figures in plain words, in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from surveys.cleaning.rules.catalogue import CATALOGUE, Family, Kind


def check_title(code: str) -> str:
    """What a check looks for, in two or three words; its code where nobody knows it any more."""
    check = CATALOGUE.get(code)
    return _(check.title) if check else code


def family_name(family: str) -> str:
    names = {
        Family.TIME: _("time"),
        Family.PATTERN: _("pattern"),
        Family.CONSISTENCY: _("consistency"),
        Family.IDENTITY: _("identity"),
    }
    return names.get(Family(family), family) if family else ""


def kind_label(code: str) -> str:
    """Hard, soft with its family, straight to review, or support only."""
    check = CATALOGUE[code]
    if check.kind is Kind.HARD:
        return _("hard")
    if check.kind is Kind.REVIEW:
        return _("to review")
    if check.kind is Kind.SUPPORT:
        return _("support only")
    return _("soft · %(family)s") % {"family": family_name(str(check.family or ""))}


def is_hard(code: str) -> bool:
    return CATALOGUE[code].kind is Kind.HARD


def finding(code: str, evidence: Mapping[str, Any]) -> str:
    """What a check found in an answer, with its figures: "answered too fast: 33 s, limit 35 s"."""
    figures = evidence.get(code) or {}
    words = _FIGURES.get(code)
    detail = words(figures) if words and figures else ""
    return f"{check_title(code)}{_(': ')}{detail}" if detail else check_title(code)


def duration(seconds: float | None) -> str:
    """48 s, 2 min 36 s; a dash where it is not known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return _("%(seconds)d s") % {"seconds": rest}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}


def _too_fast(figures: Mapping[str, Any]) -> str:
    return _("%(taken)s, limit %(limit)s") % {
        "taken": duration(figures["seconds"]),
        "limit": duration(figures["limit"]),
    }


def _run(figures: Mapping[str, Any]) -> str:
    run = int(figures["run"])
    return ngettext(
        "%(count)d answer in a row the same", "%(count)d answers in a row the same", run
    ) % {"count": run}


def _contradiction(figures: Mapping[str, Any]) -> str:
    parts = []
    if "nps" in figures:
        parts.append(
            _("would recommend %(nps)d, yet no item above %(best)d")
            % {"nps": figures["nps"], "best": figures["best_driver"]}
        )
    if "overall" in figures:
        parts.append(
            _("overall %(overall).1f, items on average %(mean).1f")
            % {"overall": figures["overall"], "mean": figures["mean"]}
        )
    return _("; ").join(parts)


def _window(figures: Mapping[str, Any]) -> str:
    return _("before the first day") if figures["when"] == "before" else _("after the last day")


def _staff(figures: Mapping[str, Any]) -> str:
    return _("telephone") if figures["match"] == "phone" else _("e-mail")


def _number(template: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda figures: _(template) % {name: figures[name]}


def _listed(template: str, name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda figures: _(template) % {"codes": ", ".join(map(str, figures[name]))}


_FIGURES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "duplicate": _number(gettext_noop("%(kept)s is kept"), "kept"),
    "out_of_window": _window,
    "attention": _listed("%(codes)s", "failed"),
    "too_fast": _too_fast,
    "straight_line": _run,
    "even_odd": _number(gettext_noop("consistency %(consistency).2f"), "consistency"),
    "mahalanobis": _number(gettext_noop("distance %(d2).1f"), "d2"),
    "contradiction": _contradiction,
    "same_device": _number(gettext_noop("%(uses)d answers within a day"), "uses"),
    "staff_contact": _staff,
    "same_text": _number(gettext_noop("%(responses)d answers use the same words"), "responses"),
    "fact_mismatch": _listed("%(codes)s", "facts"),
}
