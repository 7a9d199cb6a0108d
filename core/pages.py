"""Pages of a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

SIZE = 25


def paged(request: HttpRequest, rows: Any, size: int = SIZE) -> Page[Any]:
    """The page of `rows` (an ordered queryset or a sequence) that `?page=` names; the nearest one
    where there is none of that number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def onward(request: HttpRequest, default: str, *args: Any) -> HttpResponseRedirect:
    """After a POST: to the own page its field `next` names, else to the page of that URL name."""
    target = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target) if own else redirect(default, *args)
