"""Helpers of the tests about erasing customers: what must stay, and the act itself."""

from django.db import connection

from customers import services as customers
from customers.models import Customer
from surveys.cleaning import services as cleaning
from surveys.models import Rating, Response, ResponsePersonal, Survey, Verdict
from tests.surveys.cleaning_world import NOW, answers, comment, nps, rating

EIGHT = [*(rating(f"q{i}", reverse=i == 3) for i in range(1, 9)), nps("q9"), comment()]
WORDS = "The advisor explained everything twice."


def row(number, values=(5, 4, 1, 5, 4, 5, 5, 4, 9), **more):
    return {"response_no": number} | answers(values) | more


def clean(survey):
    return cleaning.clean_survey(Survey.objects.get(pk=survey.pk), actor=None, now=NOW)


def judged():
    """Response number -> (how many verdicts, the valid one, its checks, its evidence)."""
    found = {}
    for each in Verdict.objects.select_related("response").order_by("seq"):
        found[each.response.response_no] = (each.seq, each.verdict, each.checks, each.evidence)
    return found


def figures():
    """Everything scores are made of."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM surveys_ratingrollup ORDER BY id")
        rollups = cursor.fetchall()
    return (
        rollups,
        list(Rating.objects.order_by("answered_on", "id").values_list()),
        list(Response.objects.order_by("answered_on", "id").values_list()),
    )


def erase(number, actor, reason="Asked for by letter"):
    customer = Customer.objects.get(customer_no=number)
    return customers.erase(customer, actor=actor, reason=reason, now=NOW)


def personal(number):
    return (
        ResponsePersonal.objects.filter(response__response_no=number)
        .values("device", "network", "phone", "email", "texts", "erased_at")
        .get()
    )


BLANK = {"device": "", "network": "", "phone": "", "email": "", "texts": {}, "erased_at": NOW}
