"""The code of a survey in an address."""

import re

from django.urls import register_converter
from django.urls.converters import StringConverter

_WRITTEN = {"~": "~~", "/": "~s"}
_READ = {written: sign for sign, written in _WRITTEN.items()} | {"~d": "."}


class SurveyCode(StringConverter):
    """Surveys of before codes were checked may hold a slash, or be dots: what no part of an address
    can hold is written with a tilde, so that their pages open too."""

    def to_url(self, value: str) -> str:
        if value in (".", ".."):
            return value.replace(".", "~d")
        return re.sub("[~/]", lambda found: _WRITTEN[found[0]], value)

    def to_python(self, value: str) -> str:
        return re.sub("~.", lambda found: _READ.get(found[0], found[0]), value)


register_converter(SurveyCode, "survey")
