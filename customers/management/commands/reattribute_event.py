"""Correct who served in an event."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from customers.models import ServiceEvent
from customers.services import reattribute_event
from organization.models import Department, Employee


class Command(BaseCommand):
    help = (
        "Attributes an event to other people, as decided by --actor; the attribution before "
        "stays in the history."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event_no", metavar="EVENT_NO")
        parser.add_argument(
            "--employee-no", required=True, metavar="NO;NO", help="the lead first; '' for nobody"
        )
        parser.add_argument("--department", metavar="CODE", help="default: where they worked")
        parser.add_argument("--reason", required=True)
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        event = ServiceEvent.objects.filter(event_no=options["event_no"]).first()
        if event is None:
            raise InvalidInput(f"There is no event {options['event_no']!r}.")
        department = None
        if code := options["department"]:
            department = Department.objects.filter(code=code).first()
            if department is None:
                raise InvalidInput(f"There is no department {code!r}.")
        history = reattribute_event(
            event,
            self._people(options["employee_no"]),
            actor=self.actor(options),
            reason=options["reason"],
            department=department,
        )
        self.stdout.write(f"Event {event.event_no}: attribution number {history.number + 1} holds.")

    def _people(self, text: str) -> list[Employee]:
        numbers = [number.strip() for number in text.split(";") if number.strip()]
        found = {one.employee_no: one for one in Employee.objects.filter(employee_no__in=numbers)}
        if unknown := [number for number in numbers if number not in found]:
            raise InvalidInput(f"Unknown employee: {', '.join(unknown)}.")
        return [found[number] for number in numbers]
