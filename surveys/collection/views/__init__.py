"""Pages of collecting: where customers answer, and where invitations are made."""
