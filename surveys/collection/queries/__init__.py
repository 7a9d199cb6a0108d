"""Reads of collecting: what a link opens, who would be invited, what became of invitations."""
