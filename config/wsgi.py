"""WSGI entry point for gunicorn."""

import gc
import os
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# What is otherwise asked for by the first request that needs it: a customer would wait for it.
_LATER = ("surveys.cleaning.services", "dashboards.queries.navigation", "dashboards.views.home")
_TEMPLATES = ("public/answer.html", "public/item.html", "public/answered.html", "error.html")

application = get_wsgi_application()

# The folder in which several web processes add their counts up (core.metrics).
if settings.METRICS_FOLDER:
    Path(settings.METRICS_FOLDER).mkdir(parents=True, exist_ok=True)


def _load() -> None:
    """Everything a request needs is there before the first one comes; with --preload once for all
    workers, which share the memory."""
    for name in _LATER:
        import_module(name)
    reverse("privacy")  # all views, and the addresses by their names
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
    for template in _TEMPLATES:
        get_template(template)
    # It stays as long as the process: the collector need not look through it again and again, and
    # the pages of memory stay shared.
    gc.collect()
    gc.freeze()


_load()
