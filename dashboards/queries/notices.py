"""The news of an account as sentences, each with the page it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from core.models import Notification
from core.notifications import text_of

# Verb -> URL name, and what of the notice's data stands in the address.
_PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "period.released": ("my_score", ("key",)),
    "award.approved": ("my_awards", ()),
    "recovery.recorded": ("my_awards", ()),
    **{
        f"appeal.{step}": ("my_appeal", ("no",))
        for step in ("accepted", "returned", "inadmissible", "extended", "decided", "executed")
    },
    **{f"appeal.{step}": ("appeal", ("no",)) for step in ("submitted", "answered", "escalated")},
    **{
        f"payroll.{step}": ("payroll_batch", ("batch_no",))
        for step in ("validated", "approved", "rejected")
    },
}


@dataclass(frozen=True)
class News:
    """`url` is empty where the notice is about no page."""

    notice: Notification
    text: str
    url: str


def news(notices: Iterable[Notification]) -> list[News]:
    """The notices in their order, in the reader's language."""
    return [News(notice, text_of(notice), _url(notice)) for notice in notices]


def _url(notice: Notification) -> str:
    url_name, keys = _PAGES.get(notice.verb, ("", ()))
    try:
        return reverse(url_name, args=[str(notice.data[key]) for key in keys]) if url_name else ""
    except (KeyError, NoReverseMatch):
        return ""  # a notice of an earlier version
