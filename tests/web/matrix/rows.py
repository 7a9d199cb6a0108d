"""Who may open what: one row a URL name. Each part of the product keeps its rows in a module of
this package as ROWS; tests/web/test_permissions.py collects them and fails on a URL without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.web.site import CAST, Site

EVERYBODY = frozenset(CAST)
LOGGED_IN = EVERYBODY - {"anonymous"}


@dataclass(frozen=True)
class Row:
    """A URL name with the arguments of one object, and what each role gets.

    `kwargs`: the arguments, or a function of the site that looks them up. `case` tells several
    rows of one URL apart ("own", "own department", "other"). `allowed` roles get 200 (or `status`
    for them), the others `refused`; the anonymous visitor is sent to the login unless allowed.
    With method="post" only the refused roles are tried: they must change nothing.
    """

    url_name: str
    allowed: frozenset[str] | set[str]
    refused: int = 403
    kwargs: Mapping[str, Any] | Callable[[Site], Mapping[str, Any]] = field(default_factory=dict)
    case: str = ""
    method: str = "get"
    status: int = 200
    exceptions: Mapping[str, int] = field(default_factory=dict)

    def expected(self, role: str) -> int:
        if role in self.exceptions:
            return self.exceptions[role]
        if role in self.allowed:
            return self.status
        return 302 if role == "anonymous" else self.refused

    @property
    def id(self) -> str:
        return "-".join(part for part in (self.url_name, self.method, self.case) if part)
