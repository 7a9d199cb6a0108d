"""Why a person decided about an answer: a code, and the person's own words where there are any.

A verdict is never changed and is read by people of both languages; so the code is kept, as in
"[careless] she told me so", and becomes a sentence where it is read.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_t = gettext_lazy

# Reasons as the person concerned will read them, by what they are reasons for (a Judgement).
REASONS: dict[str, dict[str, object]] = {
    "counted": {
        "plausible": _t("The answers fit together; a satisfied customer answers like this"),
        "confirmed": _t("The customer confirmed the answers when called back"),
    },
    "excluded": {
        "proxy": _t("Probably not answered by the customer"),
        "careless": _t("Answered without reading the questions"),
        "second": _t("Another answer to the same service is kept"),
        "stranger": _t("The person answering was not the customer of this service"),
    },
}
APPEAL, TAKEN_OVER = "appeal", "appeal_taken_over"
# Where an appeal led to the verdict; `no` is its number, the verdict's source.
_BY_APPEAL: dict[str, object] = {
    APPEAL: _t("Decided by appeal %(no)s."),
    TAKEN_OVER: _t(
        "Decided by appeal %(no)s; carried out by another member of the panel, since the answer"
        " has come to count for the one who decided."
    ),
}
_SENTENCES = {code: text for each in REASONS.values() for code, text in each.items()} | _BY_APPEAL
_CODED = re.compile(r"\[(\w+)\] ?(.*)", re.DOTALL)


def coded(code: str, note: str = "") -> str:
    """A reason as it is kept."""
    return f"[{code}] {note}".strip()


def reason_words(reason: str, source: str = "") -> str:
    """A kept reason in the language that is active; what somebody wrote stays as it is."""
    code, note = _read(reason, source)
    if code is None:
        return note
    said = _said(code, source)
    return f"{said}{_(': ')}{note}" if note else said


def _said(code: str, source: str) -> str:
    return str(_SENTENCES[code]) % {"no": source}


def _read(reason: str, source: str) -> tuple[str | None, str]:
    """(code or None, what was written). Verdicts of before hold the sentence in the language of
    whoever decided."""
    found = _CODED.fullmatch(reason)
    if found is not None and found[1] in _SENTENCES:
        return found[1], found[2]
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for code in _SENTENCES:
                said = _said(code, source)
                if reason == said:
                    return code, ""
                if reason.startswith(said + _(": ")):
                    return code, reason.removeprefix(said + _(": "))
    return None, reason
