"""The verbs of collecting: inviting, mailing, answering, tidying."""

from surveys.collection.services.answering import (
    Answer,
    drop_draft,
    refuse,
    response_no_of,
    save_draft,
    submit,
)
from surveys.collection.services.inviting import (
    Invited,
    Issued,
    demo_link,
    invite,
    open_poster,
    reissue,
    remind,
    revoke,
)
from surveys.collection.services.mailing import send_due
from surveys.collection.services.rates import count_post
from surveys.collection.services.tidying import tidy

__all__ = [
    "Answer",
    "Invited",
    "Issued",
    "count_post",
    "demo_link",
    "drop_draft",
    "invite",
    "open_poster",
    "refuse",
    "reissue",
    "remind",
    "response_no_of",
    "revoke",
    "save_draft",
    "send_due",
    "submit",
    "tidy",
]
