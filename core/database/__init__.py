"""The database backend of DATABASES: Django's for PostgreSQL, with a message less a request."""
