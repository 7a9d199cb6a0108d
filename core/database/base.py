"""Whether a connection kept from the last request still stands, without asking the server each
time: a session that was ended has something to read on its socket before anybody asked."""

from __future__ import annotations

import select
import time

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

ASKED_EVERY = 5.0  # seconds: after them the server is asked by a message


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, where `is_usable` costs a message at most every few seconds."""

    _answered_at: float | None = None

    def is_usable(self) -> bool:
        """Whether the connection may be used. After an error, after a while, and wherever its
        socket is not silent, the server says so itself."""
        now = time.monotonic()
        lately = self._answered_at is not None and now - self._answered_at < ASKED_EVERY
        if lately and not self.errors_occurred and self._silent():
            return True
        usable: bool = super().is_usable()
        self._answered_at = now if usable else None
        return usable

    def connect(self) -> None:
        """A new session has just answered."""
        super().connect()
        self._answered_at = time.monotonic()

    def _silent(self) -> bool:
        """Nothing to read: neither a last word of the server nor the end of the connection. Within
        a transaction, which may have failed, only the server can tell."""
        if self.connection is None or self.connection.closed:
            return False
        if self.connection.info.transaction_status != TRANSACTION_STATUS_IDLE:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not waiting.poll(0)
