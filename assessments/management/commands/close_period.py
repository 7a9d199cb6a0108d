"""Closes a released period for good."""

from assessments.management.steps import ConfirmedStep
from assessments.services import close_period


class Command(ConfirmedStep):
    help = "Closes a released period for good."
    step = staticmethod(close_period)
