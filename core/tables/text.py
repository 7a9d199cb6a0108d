"""Text that a spreadsheet would run as a formula, made harmless and back."""

import re

# The full-width signs begin a formula too where the spreadsheet's language is Chinese or Japanese;
# white space alone begins nothing, and readers trim it.
_SIGNS = r"(?:[=+\-@＝＋－＠]|[\t\r\n]\s*\S)"
_DANGEROUS = re.compile(f"'*{_SIGNS}")
_NEUTRALISED = re.compile(f"'+{_SIGNS}")


def neutralise(text: str) -> str:
    """Put an apostrophe before text that begins like a formula (=, +, -, @, full-width or not,
    tab, CR, LF).

    Text that already has apostrophes there gets one more, so restore() gives it back exactly.
    """
    return f"'{text}" if _DANGEROUS.match(text) else text


def restore(text: str) -> str:
    """The text before neutralise()."""
    return text[1:] if _NEUTRALISED.match(text) else text
