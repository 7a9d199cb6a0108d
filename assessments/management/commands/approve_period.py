"""Approves a reviewed period."""

from assessments.management.steps import ConfirmedStep
from assessments.services import approve_period


class Command(ConfirmedStep):
    help = "Approves a reviewed period."
    step = staticmethod(approve_period)
