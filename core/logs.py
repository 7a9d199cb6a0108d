"""What must not stand in a log."""

import logging
import re

_LINK = re.compile(r"(/s/)[\w-]{20,}")


class HideLinks(logging.Filter):
    """Replaces the token of a link to a questionnaire: whoever reads the log could answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        hidden = _LINK.sub(r"\1…", text)
        if hidden != text:
            record.msg, record.args = hidden, ()
        return True
