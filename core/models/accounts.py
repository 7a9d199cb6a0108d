"""Login accounts."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A login account. What the account may do is decided by roles (organization.models)."""

    language = models.CharField(_("language"), max_length=10, default="zh-hans")
