"""What a page of a questionnaire shows; the parts that are the same for everybody are made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from surveys.collection.rules.form import Item, Page
from surveys.collection.rules.typed import CONSENT_NEEDED, MISSING, TOO_LONG


def shown(item: Item, answers: dict[str, Any], wrong: dict[str, str]) -> dict[str, Any]:
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


@lru_cache(maxsize=256)
def blank(page: Page, _language: str) -> SafeString:
    """The questions before anything is answered: the same for everybody, and most of a page."""
    items = [shown(item, {}, {}) for item in page.items]
    return render_to_string("public/blank.html", {"items": items})


@lru_cache(maxsize=256)
def around(page: Page, pages: int, _language: str) -> dict[str, SafeString]:
    """What else is the same for everybody: how far it is, and the buttons."""
    context = {
        "page": page,
        "pages": range(pages),
        "first": page.number == 0,
        "last": page.number == pages - 1,
    }
    return {
        part: render_to_string(f"public/{part}.html", context) for part in ("progress", "buttons")
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
