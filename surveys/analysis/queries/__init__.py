"""Reading the counted answers of a survey and the figures they give."""

from surveys.analysis.queries.figures import analyse, days_of
from surveys.analysis.queries.guarded import guarded

__all__ = ["analyse", "days_of", "guarded"]
