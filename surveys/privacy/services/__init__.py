"""The verbs: erase what an app holder is asked to, and what has been kept long enough."""

from surveys.privacy.services.erasing import Surveys
from surveys.privacy.services.retaining import KIND, Retention, due, start

__all__ = ["KIND", "Retention", "Surveys", "due", "start"]
