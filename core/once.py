"""What is asked many times while one page is shown is read once.

Only while a GET or HEAD is answered: nothing changes then, so nothing can become stale. Everywhere
else (verbs, tasks, commands) every question goes to the database."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")
_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("known", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Answers asked for inside are kept until its end."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def once(key: Hashable, ask: Callable[[], T]) -> T:
    """The answer to `ask`, remembered under `key` while a page is shown."""
    known = _known.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    found: T = known[key]
    return found
