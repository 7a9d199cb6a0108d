"""Codes of results as sentences, in the reader's language."""

from django.utils.translation import gettext as _


def cause_name(code: str) -> str:
    """Why somebody was not assessed, in words."""
    names = {
        "presence": _("too few working days present"),
        "no_scheme": _("no scheme for the position"),
        "no_data": _("no data"),
        "below_min_n": _("too few observations"),
        "no_peer_group": _("too few people to compare with"),
        "no_difference": _("no difference between people"),
        "waived": _("waived"),
    }
    return names.get(code) or code or _("no result")
