"""Every text of the sources that gettext translates: of the code by its syntax tree, of templates
by what Django itself hands to xgettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

CALLS = {"_", "_t", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
CONTEXT_CALLS = {"pgettext", "pgettext_lazy"}
_LITERAL = r"""(u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))"""
_TEMPLATE_CALL = re.compile(rf"\b(?:n?gettext|_)\({_LITERAL}(?:,\s*{_LITERAL})?")


def in_code(root: Path, apps: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    """(file, msgid) of every gettext call with a constant."""
    for app in apps:
        for path in sorted((root / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                place = 0 if name in CALLS else 1 if name in CONTEXT_CALLS else None
                if place is None or len(node.args) <= place:
                    continue
                argument = node.args[place]
                text = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(text, str) and text:
                    yield path.relative_to(root), text


def in_templates(root: Path) -> Iterator[tuple[Path, str]]:
    """(file, msgid) of every translate and blocktranslate tag and of _() in tags."""
    for path in sorted((root / "templates").rglob("*.*")):
        source = path.read_text("utf-8")
        for found in _TEMPLATE_CALL.finditer(templatize(source, origin=str(path))):
            text = ast.literal_eval(found.group(1))
            if text:
                yield path.relative_to(root), text
