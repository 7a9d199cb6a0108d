"""Cleaning: which responses count, with the reason for each that does not; nothing is deleted."""
