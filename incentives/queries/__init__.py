"""Reads of incentives."""
