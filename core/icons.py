"""Tabler's outline icons as inline SVG, read from the npm package once each."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

_NAME = re.compile(r"[a-z0-9-]+\Z")
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_HEAD = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
    'stroke-linecap="round" stroke-linejoin="round"'
)


@lru_cache(maxsize=512)
def icon(name: str) -> SafeString:
    """The icon of this name, hidden from screen readers: a word always stands beside it.

    Raises ValueError for a name the set does not have: a page without its icon is a bug.
    """
    path = Path(settings.NODE_MODULES) / "@tabler/icons/icons/outline" / f"{name}.svg"
    if not _NAME.match(name) or not path.exists():
        raise ValueError(f"There is no icon {name!r}.")
    found = _BODY.search(path.read_text("utf-8"))
    body = " ".join(found.group(1).split()) if found else ""
    # The drawing comes from the package, whose version is locked, never from a user.
    return SafeString(f'<svg class="icon" aria-hidden="true" {_HEAD}>{body}</svg>')
