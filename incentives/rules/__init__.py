"""Arithmetic of awards and pay in plain Python; no Django, no database."""
