"""Bringing a questionnaire to customers and taking their answers: invitations, links, pages."""
