"""Service events as they are sent, in a file or by the API."""
