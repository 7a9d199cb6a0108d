"""Plain arithmetic and reading of survey content: no Django, no database."""
