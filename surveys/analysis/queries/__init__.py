"""Reading the counted answers of a survey and the figures they give."""

from surveys.analysis.queries.figures import analyse, days_of, dimension_means, spread

__all__ = ["analyse", "days_of", "dimension_means", "spread"]
