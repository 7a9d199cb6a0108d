"""What a page of a questionnaire shows; what is the same for everybody is rendered once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from surveys.collection.rules.form import Form, Item, Page
from surveys.collection.rules.typed import CONSENT, CONSENT_NEEDED, MISSING, TOO_LONG


def shown(item: Item, answers: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, Any]:
    """An item with what was typed and what is to be changed."""
    value = answers.get(item.code)
    chosen = value if isinstance(value, list) else [value] if value else []
    fault = wrong.get(item.code)
    return {
        "item": item,
        "choices": [(choice, choice.value in chosen) for choice in item.choices],
        "na_chosen": "na" in chosen,
        "text": value if isinstance(value, str) else "",
        "error": _sentence(fault, item, value) if fault else "",
    }


def _sentence(fault: str, item: Item, value: Any) -> str:
    if fault == MISSING:
        return _("Please write an answer.") if item.layout == "text" else _("Please choose one.")
    if fault == TOO_LONG:
        return _("At most %(most)d characters; you wrote %(n)d.") % {
            "most": item.max_length,
            "n": len(str(value)),
        }
    if fault == CONSENT_NEEDED:
        return _("Please agree that we may contact you, or choose that we need not.")
    return _("Please choose one of the answers offered.")


# --- what everybody is shown ---------------------------------------------------------------------

# Rendering costs more than all else of opening a page, and before anything is answered the pages
# of a questionnaire differ in these few texts only. So each is rendered once, by its template, with
# holes in their place: its text falls into pieces at a mark nobody can guess.
_MARK = secrets.token_hex(12)
_HOLES = ("token", "stamp", "csrf_token", "place", "day")


def untouched(context: Mapping[str, Any], request: HttpRequest) -> str:
    """public/answer.html for this context, of a page on which nothing was answered or said yet."""
    outline = _outline(
        context["form"],
        context["page"],
        context["about"],
        tuple(context["company"].items()),
        context["complaint_url"],
        translation.get_language() or "",
    )
    values = {**context, "csrf_token": get_token(request)}
    pieces = list(outline)
    pieces[1::2] = [conditional_escape(values[name]) for name in outline[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=256)
def _outline(
    form: Form,
    page: Page,
    about: str,
    company: tuple[tuple[str, str], ...],
    complaint_url: str,
    _language: str,
) -> tuple[str, ...]:
    """Text, name of a hole, text, name of a hole, …, text."""
    common = about_page(form, page, {}, {})
    context = {"about": about, "company": dict(company), "complaint_url": complaint_url}
    holes = {name: SafeString(f"{_MARK}{name}{_MARK}") for name in _HOLES}
    text = render_to_string("public/answer.html", {**common, **context, **holes})
    return tuple(text.split(_MARK))


def about_page(
    form: Form, page: Page, answers: Mapping[str, Any], wrong: Mapping[str, str]
) -> dict[str, Any]:
    """What the template asks about the questionnaire, one of its pages and what was typed there."""
    items = [shown(item, answers, wrong) for item in page.items]
    return {
        "form": form,
        "page": page,
        "pages": form.pages,
        "items": items,
        "wrong": [each for each in items if each["error"]],
        "first": page.number == 0,
        "last": page.number == len(form.pages) - 1,
        "consent": answers.get(CONSENT),
        "keeps_language": True,
    }
