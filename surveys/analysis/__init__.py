"""Analysis: what the counted answers say, with how sure that is."""
