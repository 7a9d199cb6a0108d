"""Pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

SIZE = 25
T = TypeVar("T")
M = TypeVar("M", bound=Model)


def paged(request: HttpRequest, rows: Any, size: int = SIZE) -> Page[Any]:
    """The page of `rows` (an ordered queryset or a sequence) that `?page=` names; the nearest one
    where there is none of that number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


@dataclass(frozen=True)
class Stretch(Generic[T]):
    """A page by key: no count, the same speed at the millionth entry."""

    entries: Sequence[T]
    newer: int | None
    older: int | None


def stretch_of(
    rows: QuerySet[M], size: int, *, before: int | None = None, after: int | None = None
) -> Stretch[M]:
    """Of `rows`, the newest id first: `size` older than `before`, or the `size` that follow
    `after`."""
    if after is not None:
        found = list(rows.filter(id__gt=after).order_by("id")[: size + 1])
        page = found[:size][::-1]
        newer = page[0].pk if page and len(found) > size else None
        return Stretch(page, newer, page[-1].pk if page else None)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: size + 1])
    page = found[:size]
    newer = page[0].pk if page and before is not None else None
    return Stretch(page, newer, page[-1].pk if len(found) > size else None)


def number(text: str) -> int | None:
    """The whole number that somebody else's text holds, as far as the database can; else None."""
    return int(text) if text.isdecimal() and len(text) < 19 else None


def key_of(request: HttpRequest, name: str) -> int | None:
    """The id a parameter of the address holds; None where it holds none."""
    return number(request.GET.get(name, ""))


def onward(request: HttpRequest, default: str, *args: Any) -> HttpResponseRedirect:
    """After a POST: to the own page its field `next` names, else to the page of that URL name."""
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target) if own else redirect(default, *args)
