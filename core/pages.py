"""Pages of a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

SIZE = 25


def paged(request: HttpRequest, rows: Any, size: int = SIZE) -> Page[Any]:
    """The page of `rows` (an ordered queryset or a sequence) that `?page=` names; the nearest one
    where there is none of that number."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
