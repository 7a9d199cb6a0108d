"""Publishes an approved period and tells the employees."""

from assessments.management.steps import ConfirmedStep
from assessments.services import release_period


class Command(ConfirmedStep):
    help = "Publishes an approved period and tells the employees."
    step = staticmethod(release_period)
