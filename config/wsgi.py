"""WSGI entry point for gunicorn."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# The folder in which several web processes add their counts up (core.metrics).
if settings.METRICS_FOLDER:
    Path(settings.METRICS_FOLDER).mkdir(parents=True, exist_ok=True)
