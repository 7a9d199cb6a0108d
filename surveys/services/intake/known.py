"""Which answers are stored already: the same content is no news, other content is an error."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from core.tables import Errors
from surveys.models import Survey
from surveys.queries.facts import chunks
from surveys.services.intake.sent import Sent

LOOKUP = 10_000


@dataclass
class Sorted:
    """`new` answers, and how many are `unchanged` (stored before, or twice in the file)."""

    new: list[Sent] = field(default_factory=list)
    unchanged: int = 0


def sort_out(survey: Survey, sent: Sequence[Sent], errors: Errors) -> Sorted:
    """Part the answers into new and known; other content under a known number goes to errors."""
    result = Sorted()
    seen: dict[str, Sent] = {}
    for chunk in chunks(sent, LOOKUP):
        stored = _stored(survey, chunk)
        for each in chunk:
            first = seen.get(each.response_no)
            if first is not None:
                if (first.hash, first.personal) == (each.hash, each.personal):
                    result.unchanged += 1
                else:
                    errors.add(
                        each.row,
                        "response_no",
                        _("%(no)s stands in row %(row)d with other content")
                        % {"no": each.response_no, "row": first.row},
                    )
                continue
            seen[each.response_no] = each
            if each.response_no not in stored:
                result.new.append(each)
            elif stored[each.response_no].equals(each):
                result.unchanged += 1
            else:
                errors.add(
                    each.row,
                    "response_no",
                    _("%(no)s is stored with other content") % {"no": each.response_no},
                    conflict=True,
                )
    return result


@dataclass(slots=True)
class _Stored:
    hash: str
    personal: tuple[str, dict[str, str]] | None  # None: erased, so nothing to compare with

    def equals(self, sent: Sent) -> bool:
        return self.hash == sent.hash and self.personal in (None, sent.personal)


_STORED = """SELECT k.response_no, k.content_hash, p.response_id, p.device, p.texts, p.erased_at
    FROM surveys_responsekey k
    LEFT JOIN surveys_responsepersonal p
        ON p.answered_on = k.answered_on AND p.response_id = k.response_id
    WHERE k.survey_id = %s AND k.response_no = ANY(%s)"""


def _stored(survey: Survey, sent: Sequence[Sent]) -> dict[str, _Stored]:
    found: dict[str, _Stored] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STORED, [survey.pk, [each.response_no for each in sent]])
        for number, digest, there, device, texts, erased_at in cursor.fetchall():
            personal = (device, json.loads(texts)) if there else ("", {})
            found[number] = _Stored(digest, None if erased_at else personal)
    return found
