"""Requests that are refused because of their size."""

from __future__ import annotations

from typing import Protocol

MOST = 8 * 1024 * 1024  # a proxy stops larger bodies of forms and of the API itself
_STEP = 64 * 1024


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_to_its_end(request: _Readable) -> None:
    """Take the rest of a refused body and forget it.

    A server that closes a connection with unread bytes resets it, and the reset may overtake the
    answer: the sender, or the proxy before us, then knows of a broken connection only and not of
    what was wrong. Stops at MOST; a body that breaks off is none of our concern."""
    left = MOST
    try:
        while left > 0 and (chunk := request.read(min(_STEP, left))):
            left -= len(chunk)
    except OSError:  # UnreadablePostError is one
        return
