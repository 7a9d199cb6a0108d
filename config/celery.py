"""The Celery application. The broker is only a doorbell: every unit of work is a row in the
database (core.models.Job), so a lost or repeated message loses and repeats nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("hengping")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
