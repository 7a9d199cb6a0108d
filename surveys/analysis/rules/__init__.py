"""Figures of a survey as plain arithmetic: no Django, no database."""
