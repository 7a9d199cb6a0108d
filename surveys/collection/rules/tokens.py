"""Links: 256 random bits, of which only the SHA-256 is kept."""

import hashlib
import secrets

BYTES = 32
LONGEST = 64


def new_token() -> str:
    """A token as it stands in an address: 43 letters, digits, dashes, underscores."""
    return secrets.token_urlsafe(BYTES)


def digest(token: str) -> str:
    """What is stored of a token. It is random and long, so a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()
