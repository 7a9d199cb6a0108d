"""Accounts as readers know them."""

from __future__ import annotations

from typing import Any

from django import template

from core.templatetags.ui import MISSING, person

register = template.Library()


@register.filter
def account(user: Any) -> Any:
    """The name of the person behind an account, the account's own where nobody stands behind it.

    The caller has loaded `user.employee` (select_related)."""
    if user is None:
        return MISSING
    employee = getattr(user, "employee", None)
    return person(employee.name) if employee is not None else user.get_username()


@register.filter
def entry(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or None: for a key that stands in a variable."""
    return mapping.get(key) if mapping else None
