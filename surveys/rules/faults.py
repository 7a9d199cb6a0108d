"""Faults found by rules: a message with its values, translated where it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """Marks a message for translation; the caller translates it (rules do not know languages)."""
    return message


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where (a path like `questions[3].scale`, or a column)."""

    where: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
