"""Which answers are stored already: the same content is no news, other content is an error."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.tables import Errors
from surveys.models import ResponseKey, ResponsePersonal, Survey
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
                )
    return result


@dataclass(slots=True)
class _Stored:
    hash: str
    personal: tuple[str, dict[str, str]] | None  # None: erased, so nothing to compare with

    def equals(self, sent: Sent) -> bool:
        return self.hash == sent.hash and self.personal in (None, sent.personal)


def _stored(survey: Survey, sent: Sequence[Sent]) -> dict[str, _Stored]:
    keys = ResponseKey.objects.filter(
        survey=survey, response_no__in=[each.response_no for each in sent]
    ).values_list("response_no", "content_hash", "answered_on", "response_id")
    listed = list(keys)
    if not listed:
        return {}
    days = [key[2] for key in listed]
    personal = {
        row[0]: None if row[3] else (row[1], row[2])
        for row in ResponsePersonal.objects.filter(
            response_id__in=[key[3] for key in listed], answered_on__range=(min(days), max(days))
        ).values_list("response_id", "device", "texts", "erased_at")
    }
    return {key[0]: _Stored(key[1], personal.get(key[3], ("", {}))) for key in listed}
