"""Plain rules of collecting: links, pages of a questionnaire, what was typed."""
