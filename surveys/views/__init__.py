"""Pages of the survey app."""
