"""Login accounts."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A login account. What the account may do is decided by roles (organization.models)."""

    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    """Raised to end every session of the account at once: each session holds a hash over it."""

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        if not self.session_generation:
            return super()._get_session_auth_hash(secret)  # type: ignore[misc, no-any-return]
        return salted_hmac(
            "core.models.User.session",
            f"{self.session_generation}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
