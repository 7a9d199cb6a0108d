"""Reviews a scored period."""

from assessments.management.steps import ConfirmedStep
from assessments.services import review_period


class Command(ConfirmedStep):
    help = "Reviews a scored period."
    step = staticmethod(review_period)
