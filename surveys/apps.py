from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from core import jobs, metrics
        from surveys.analysis import services as analysis
        from surveys.cleaning.services import KIND, Cleaning

        jobs.register(KIND, Cleaning())
        jobs.register(analysis.KIND, analysis.Analysis())
        metrics.clock("answers_in_review", "Answers nobody has decided about.", _in_review)


def _in_review() -> int:
    """Of the last months: longer ago no open period reaches."""
    from datetime import timedelta

    from django.utils import timezone

    from surveys.queries import undecided

    today = timezone.localdate()
    return undecided(today - timedelta(days=100), today)
