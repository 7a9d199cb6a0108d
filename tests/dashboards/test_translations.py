"""Every text for people has its Chinese, with the same placeholders; the pages show it."""

import re
import string
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from core import translations
from tests.dashboards import texts

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"
APPS = (
    *("core", "organization", "customers", "surveys", "complaints", "assessments"),
    *("incentives", "improvements", "dashboards", "config"),
)
PLACEHOLDER = re.compile(r"%\(\w+\)")
WHOLE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")  # a placeholder is no English


@pytest.fixture(scope="module")
def catalogue():
    return {entry.msgid: entry for entry in polib.pofile(str(CATALOGUE))}


def test_every_text_is_in_the_catalogue(catalogue):
    missing = [
        f"{path}: {text!r}"
        for path, text in (*texts.in_code(ROOT, APPS), *texts.in_templates(ROOT))
        if text not in catalogue
    ]
    assert missing == []


def test_every_entry_is_translated_with_the_same_placeholders(catalogue):
    for entry in catalogue.values():
        chinese = entry.msgstr or entry.msgstr_plural.get(0, "")
        assert chinese, entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
        # Chinese has one form, which says what the plural says.
        expected = sorted(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        assert sorted(PLACEHOLDER.findall(chinese)) == expected, entry.msgid


def test_english_is_left_only_where_a_name_demands_it(catalogue):
    allowed = {"SHA-256"}
    for entry in catalogue.values():
        chinese = entry.msgstr or entry.msgstr_plural.get(0, "")
        letters = [letter for letter in WHOLE.sub("", chinese) if letter.isalpha()]
        only_latin = letters and all(letter in string.ascii_letters for letter in letters)
        assert not only_latin or entry.msgid in allowed, entry.msgid


def test_the_login_page_comes_in_chinese(db):
    translations.compile_all([Path(path) for path in settings.LOCALE_PATHS])
    translation.trans_real._translations.clear()
    page = Client().get("/login/").content.decode()
    assert "<h1>登录</h1>" in page
    assert "用户名" in page
    assert "Log in" not in page
