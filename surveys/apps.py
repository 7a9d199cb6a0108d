from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from core import jobs, metrics, outgoing
        from customers import services as customers
        from surveys.analysis import services as analysis
        from surveys.cleaning.services import KIND, Cleaning
        from surveys.collection.services import mailing
        from surveys.privacy import services as privacy

        jobs.register(KIND, Cleaning())
        jobs.register(analysis.KIND, analysis.Analysis())
        jobs.register(privacy.KIND, privacy.Retention())
        customers.register("surveys", privacy.Surveys())
        outgoing.register("invitations", mailing.hold_due)
        metrics.clock("answers_in_review", "Answers nobody has decided about.", _in_review)


def _in_review() -> int:
    """Of the last months: longer ago no open period reaches."""
    from datetime import timedelta

    from django.utils import timezone

    from surveys.queries import undecided

    today = timezone.localdate()
    return undecided(today - timedelta(days=100), today)
