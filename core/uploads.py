"""Tables that people upload: a form field for them, and keeping them between the preview of what
they would change and the confirmation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django import forms
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.utils.translation import gettext as _

from core import exports, tables
from core.exports import Column, Sheet
from core.models import User

MOST_MB = 20
KEEP_SECONDS = 3600
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Files = list[tuple[str, bytes]]  # name, content


class _Chosen(forms.ClearableFileInput):
    allow_multiple_selected = True


class TablesField(forms.FileField):
    """One file or several; each of a kind and size that can be read."""

    widget = _Chosen(attrs={"accept": ".csv,.xlsx", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        return [_checked(super(TablesField, self).clean(one, initial)) for one in given]


def _checked(file: UploadedFile) -> UploadedFile:
    name = file.name or ""
    if not name.lower().endswith((".csv", ".xlsx")):
        raise forms.ValidationError(
            _("%(name)s cannot be read. CSV and XLSX files work, up to %(most)d MB each.")
            % {"name": name, "most": MOST_MB}
        )
    if (file.size or 0) > MOST_MB * 1024 * 1024:
        raise forms.ValidationError(
            _("%(name)s is too large. CSV and XLSX files work, up to %(most)d MB each.")
            % {"name": name, "most": MOST_MB}
        )
    return file


def contents(chosen: Sequence[UploadedFile]) -> Files:
    """What a TablesField was given."""
    return [(file.name or "", file.read()) for file in chosen]


def read(files: Files) -> list[tables.Table]:
    """The tables of all files. Raises what core.tables.read raises."""
    found = []
    for name, raw in files:
        file = BytesIO(raw)
        file.name = name
        found += tables.read(file)
    return found


def keep(page: str, files: Files, given: Mapping[str, Any], user: User) -> str:
    """Keep the files, and what was typed beside them, for an hour, for this account and page only.
    The key is made of what they say."""
    typed = "|".join(f"{name}={value}" for name, value in sorted(given.items()))
    digest = hashlib.sha256(f"{user.pk}|{typed}".encode())
    for name, raw in files:
        digest.update(name.encode() + b"\0" + hashlib.sha256(raw).digest())
    key = digest.hexdigest()
    cache.set(_place(page, user, key), (files, dict(given)), KEEP_SECONDS)
    return key


def kept(page: str, key: str, user: User) -> tuple[Files, dict[str, Any]] | None:
    """What was kept under the key; None when it is gone."""
    found: tuple[Files, dict[str, Any]] | None = cache.get(_place(page, user, key[:64]))
    return found


def let_go(page: str, key: str, user: User) -> None:
    """It was taken in."""
    cache.delete(_place(page, user, key[:64]))


def _place(page: str, user: User, key: str) -> str:
    return f"{page}:{user.pk}:{key}"


def empty_table(name: str, kind: str, columns: Sequence[str]) -> HttpResponse:
    """A file with its header only, to be filled; `kind` is csv or xlsx."""
    file = BytesIO()
    if kind == "csv":
        exports.write_csv(file, columns, [])
    else:
        sheet = Sheet(name, [Column(column, column) for column in columns], [])
        exports.write_xlsx(file, sheets=[sheet])
    answer = HttpResponse(file.getvalue(), content_type="text/csv" if kind == "csv" else XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
