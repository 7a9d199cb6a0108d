"""What keeps a released period open. Why is known further left: who knows it registers here."""

from collections.abc import Callable
from datetime import datetime

from assessments.models import Period

# (period, now) -> until when it stays open, as a sentence; empty where nothing keeps it.
Reason = Callable[[Period, datetime], str]

_reasons: dict[str, Reason] = {}


def keep_open(name: str, reason: Reason) -> None:
    """Ask `reason` before a period is closed; registering a name again replaces it."""
    _reasons[name] = reason


def kept_open(period: Period, now: datetime) -> str:
    """The first reason why a released period cannot be closed yet; empty where there is none."""
    return next((said for reason in _reasons.values() if (said := reason(period, now))), "")
