"""Text that a spreadsheet would run as a formula, made harmless and back."""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """Put an apostrophe before text that begins like a formula (=, +, -, @, tab, CR).

    Text that already has apostrophes there gets one more, so restore() gives it back exactly.
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def restore(text: str) -> str:
    """The text before neutralise()."""
    return text[1:] if _NEUTRALISED.match(text) else text
