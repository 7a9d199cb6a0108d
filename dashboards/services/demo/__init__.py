"""The demo company: invented people and a year of invented, but lawful, data."""
