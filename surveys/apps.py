from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"

    def ready(self) -> None:
        from core import jobs
        from surveys.analysis import services as analysis
        from surveys.cleaning.services import KIND, Cleaning

        jobs.register(KIND, Cleaning())
        jobs.register(analysis.KIND, analysis.Analysis())
