"""Arithmetic of assessment: plain Python, no Django, no clock, no database.

Composites are Decimal throughout; floats live only in the fair score.
"""
