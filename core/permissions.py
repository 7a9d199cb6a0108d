"""Permission answers with their reason: the same value decides, explains, disables a button."""

from core.errors import DomainError


class Allowed:
    """Yes."""

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return "Allowed()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Allowed)

    def __hash__(self) -> int:
        return hash(Allowed)


class Denied(DomainError):
    """No, and why. Falsy as an answer, raisable as an error (403)."""

    status = 403
    code = "denied"

    def __init__(self, reason: object) -> None:
        super().__init__(reason)
        self.reason = reason

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"Denied({str(self.reason)!r})"


def require(result: Allowed | Denied) -> None:
    """Raise the refusal; do nothing when allowed."""
    if isinstance(result, Denied):
        raise result
