"""Working days and working hours, dated and with their source."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """One day. `official` once the State Council has announced its year, until then a guess."""

    class Source(models.TextChoices):
        OFFICIAL = "official", _("official")
        PROVISIONAL = "provisional", _("provisional")

    day = models.DateField(_("day"), primary_key=True)
    is_working = models.BooleanField(_("working day"))
    source = models.CharField(_("source"), max_length=20, choices=Source)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")

    def __str__(self) -> str:
        return str(self.day)


class WorkingHours(models.Model):
    """The hours of a working day from a date on: [["09:00", "12:00"], ["13:30", "18:00"]]."""

    effective_from = models.DateField(_("from"), unique=True)
    segments = models.JSONField(_("hours"))

    class Meta:
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")

    def __str__(self) -> str:
        return f"{self.effective_from} {self.segments}"
