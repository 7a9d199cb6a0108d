"""A link to the survey MARCH of the small company, and a customer's browser without script."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.test import Client

from core.models import User
from customers.models import CustomerContact
from organization.models import RoleAssignment
from surveys.collection import services

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
GOOD = ({"q_clear": "4", "q_pushed": "1"}, {"q_fixed": "na"}, {"q_nps": "9", "q_why": ["price"]})


def executor():
    user = User.objects.create_user("exec")
    RoleAssignment.objects.create(user=user, role="executor", starts_at=NOW - timedelta(days=9))
    return user


def event_of(world, number=1, *people, **values):
    """A service event whose customer has left an e-mail address and a telephone number."""
    event = world.event(f"V{number}", *(people or ("E1", "E2")), customer=f"C{number}", **values)
    CustomerContact.objects.update_or_create(
        customer=event.customer,
        defaults={"email": f"c{number}@example.com", "phone": f"1390000{number:04d}"},
    )
    return event


def link(world, actor, number=1, **values):
    """(event, token) of a fresh invitation by printed code."""
    event = event_of(world, number)
    done = services.invite(
        world.survey, [event], actor=actor, now=NOW, **{"channel": "qr", "language": "en"} | values
    )
    return event, done.issued[0].token


class Phone:
    """A browser that keeps cookies and fills in the form it was shown."""

    def __init__(self, token, **headers):
        self.client = Client(**headers)
        self.url = f"/s/{token}/"
        self.page = None

    def open(self, query=""):
        self.page = self.client.get(self.url + query)
        return self.page

    @property
    def text(self):
        return self.page.content.decode()

    def hidden(self):
        """The hidden fields of the form, without the CSRF token (the test client sends none)."""
        found = dict(re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', self.text))
        found.pop("csrfmiddlewaretoken", None)
        return found

    def send(self, answers, **buttons):
        """Press a button (next, unless said otherwise) with these answers, and follow."""
        data = {**self.hidden(), "go": "next", **answers, **buttons}
        self.page = self.client.post(self.url, data, follow=True)
        return self.page

    def answer_all(self, pages=GOOD):
        self.open()
        for answers in pages:
            self.send(answers)
        return self.page
