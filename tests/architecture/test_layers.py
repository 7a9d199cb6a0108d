"""Who may import whom, beyond the order of the apps that import-linter checks: what of a foreign
app, and which layer inside an app."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import ForeignObject, ManyToManyField

from tests.architecture.sources import APPS, Source, sources

# What an app shows to the apps on its left. core has no domain words and may be used whole.
OPEN = {"models", "queries", "services", "permissions", "rules"}
# Inside an app from the top down; modules of one line may use each other.
LAYERS = (
    {"management", "apps"},
    {"urls"},
    {"views", "api", "admin", "templatetags"},
    {"forms", "tasks"},
    {"services", "exports", "imports"},
    {"permissions", "queries"},
    {"models"},
    {"rules"},
)
DOMAIN = tuple(app for app in APPS if app not in {"core", "config"})


def _layer(name: str) -> int | None:
    return next((i for i, names in enumerate(LAYERS) if name in names), None)


def _inner(module: str) -> str:
    """The layer's name in `app.layer.more` or, in a package by noun, `app.noun.layer.more`; else
    what follows the app; empty for the app itself."""
    parts = module.split(".")[1:]
    return next((part for part in parts if _layer(part) is not None), parts[0] if parts else "")


def _foreign(source: Source) -> Iterator[tuple[int, str]]:
    for line, name in source.imports():
        if name.split(".")[0] in DOMAIN and name.split(".")[0] != source.app:
            yield line, name


def test_of_a_foreign_app_only_its_open_modules_are_used() -> None:
    wrong = [
        f"{source.name}:{line} {name}"
        for source in sources(*DOMAIN)
        for line, name in _foreign(source)
        if _inner(name) not in OPEN
    ]
    assert wrong == []


def test_core_knows_no_other_app() -> None:
    assert [f"{s.name}:{n} {name}" for s in sources("core") for n, name in _foreign(s)] == []


def test_inside_an_app_imports_go_down() -> None:
    wrong = []
    for source in sources(*DOMAIN):
        own = _layer(_inner(source.module))
        for line, name in source.imports():
            if name.split(".")[0] != source.app or own is None:
                continue
            other = _layer(_inner(name))
            if other is not None and other < own:
                wrong.append(f"{source.name}:{line} {name}")
    assert wrong == []


def test_every_module_of_an_app_has_a_layer() -> None:
    known = set().union(*LAYERS) | {""}
    # A package by noun holds layers and nothing of its own but what it is about.
    wrong = [
        s.name for s in sources(*DOMAIN) if _inner(s.module) not in known and not s.is_only_words
    ]
    assert wrong == []


def test_rules_are_plain_python() -> None:
    wrong = [
        f"{source.name}:{line} {name}"
        for source in sources(*DOMAIN)
        if _inner(source.module) == "rules"
        for line, name in source.imports()
        if name.split(".")[0] in {"django", "rest_framework", "celery", "psycopg2", "redis"}
    ]
    assert wrong == []


def test_foreign_keys_point_to_the_same_app_or_one_to_the_right() -> None:
    place = {app: number for number, app in enumerate(APPS)}
    wrong = []
    for model in apps.get_models():
        own = model._meta.app_label
        for field in model._meta.get_fields():
            if own not in place or not isinstance(field, ForeignObject | ManyToManyField):
                continue
            target = field.remote_field.model._meta
            if target.label == settings.AUTH_USER_MODEL or target.app_label not in place:
                continue
            if place[target.app_label] > place[own]:
                wrong.append(f"{model._meta.label}.{field.name} -> {target.label}")
    assert wrong == []
