"""Verbs of incentives, one function in one transaction each."""
