"""appeal STEP …: every step of an appeal; `appeal STEP --help` tells its options."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assessments.models import Period, Scorecard
from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from core.models import User
from incentives.models import Appeal
from incentives.models.appeals import EVIDENCE_LIMIT
from incentives.permissions import may_see_pay_of
from incentives.queries.appeals import get_appeal
from incentives.queries.appeals_shown import appeal_lines, dry_run_lines
from incentives.services import appeals
from organization.models import Employee

STEPS = {
    "file": "write and submit an appeal; prints its number (the person concerned, or hr)",
    "submit": "submit a draft (the person concerned, or hr)",
    "answer": "give the information that was asked for (the person concerned, or hr)",
    "attach": "add a file of evidence (the person concerned, or hr)",
    "withdraw": "take it back before the decision (the person concerned, or hr)",
    "accept": "hear it; a late one with --reason (assessment, group)",
    "return": "ask for information (assessment, group)",
    "reject": "not admissible, with the reason (assessment, group; not scorer, approver, superior)",
    "investigate": "begin to look into it (assessment, group; not scorer, approver, superior)",
    "extend": "more time for the investigation, once (as investigate)",
    "dry_run": "recompute without changing anything; prints the hash to confirm (as investigate)",
    "decide": "decide with reasons, confirming the last dry run (as investigate)",
    "execute": "carry the decision out; again is harmless (assessment, group)",
    "close": "finish an executed appeal (assessment, group)",
    "show": "print the appeal with its timeline (the person concerned, hr, assessment, group)",
}
WITH_REASON = {
    "withdraw": False,
    "accept": False,
    "investigate": False,
    "return": True,
    "reject": True,
    "extend": True,
    "answer": True,
    "decide": True,
}


class Command(BaseCommand):
    help = "Appeals against a released scorecard or a response in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
        for step, text in STEPS.items():
            one = steps.add_parser(step, help=text, description=text)
            if step == "file":
                _file_arguments(one)
            else:
                one.add_argument("appeal_no", metavar="NO", help="for example AP-2026-001")
            if step in WITH_REASON:
                one.add_argument("--reason", default="", required=WITH_REASON[step], metavar="TEXT")
            if step == "submit":
                one.add_argument("--late-reason", default="", metavar="TEXT")
            if step == "attach":
                one.add_argument("--file", required=True, metavar="PATH", help="at most 10 MB")
            if step in ("dry_run", "decide"):
                _response_arguments(one, step)
            if step == "decide":
                one.add_argument("--outcome", required=True, choices=Appeal.Outcome.values)
                one.add_argument("--confirm", required=True, metavar="HASH")
            self.add_actor(one)

    def handle(self, *args: Any, **options: Any) -> None:
        actor, step = self.actor(options), options["step"]
        if step == "file":
            appeal = _file(actor, options)
            self.stdout.write(appeal.appeal_no)
            return
        appeal = get_appeal(options["appeal_no"])
        if step == "show":
            if not Appeal.objects.visible_to(actor).filter(pk=appeal.pk).exists():
                raise InvalidInput(f"There is no appeal {appeal.appeal_no}.")
            self.stdout.write("\n".join(appeal_lines(appeal)))
        elif step == "dry_run":
            run = appeals.dry_run_appeal(
                appeal, actor=actor, exclude=options["exclude"], include=options["include"] or ()
            )
            with_pay = bool(may_see_pay_of(actor, appeal.employee))
            self.stdout.write("\n".join(dry_run_lines(run, with_pay=with_pay)))
        elif step == "attach":
            self._attach(appeal, options["file"], actor)
        else:
            appeal = _step(step, appeal, actor, options)
            self.stdout.write(appeal_lines(appeal)[0])

    def _attach(self, appeal: Appeal, path: str, actor: User) -> None:
        try:
            with Path(path).open("rb") as file:
                content = file.read(EVIDENCE_LIMIT + 1)
        except OSError as error:
            raise InvalidInput(f"{path} cannot be read: {error.strerror}") from error
        file_row = appeals.attach_file(appeal, Path(path).name, content, actor=actor)
        self.stdout.write(f"{file_row.name}: {file_row.content_type}, SHA-256 {file_row.sha256}")


def _file_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--period", required=True, metavar="P", help="2025-11, 2025-Q4 or 2025")
    parser.add_argument("--employee-no", metavar="NO", help="default: the actor's own")
    subject = parser.add_mutually_exclusive_group(required=True)
    subject.add_argument("--response", nargs="+", metavar="NO", help="responses objected to")
    subject.add_argument("--scorecard", action="store_true", help="the whole result")
    parser.add_argument("--reason", required=True, metavar="TEXT")
    parser.add_argument("--request", required=True, metavar="TEXT", help="what is asked for")
    parser.add_argument("--late-reason", default="", metavar="TEXT", help="after the deadline")
    parser.add_argument("--second-review", metavar="NO", help="the first appeal; once")
    parser.add_argument("--draft", action="store_true", help="write it, do not submit it yet")


def _response_arguments(parser: ArgumentParser, step: str) -> None:
    parser.add_argument(
        "--exclude",
        nargs="*",
        metavar="RESPONSE_NO",
        help="counted responses to leave out (default: those of the claims)"
        if step == "dry_run"
        else "must be what the dry run left out",
    )
    if step == "dry_run":
        parser.add_argument(
            "--include", nargs="*", metavar="RESPONSE_NO", help="excluded responses to take in"
        )


def _file(actor: User, options: dict[str, Any]) -> Appeal:
    card = _scorecard(actor, options["period"], options["employee_no"])
    objection = appeals.Objection(
        reason=options["reason"],
        request=options["request"],
        responses=options["response"] or (),
        late_reason=options["late_reason"],
    )
    first = get_appeal(options["second_review"]) if options["second_review"] else None
    verb = appeals.draft_appeal if options["draft"] else appeals.file_appeal
    return verb(card, objection, actor=actor, first_appeal=first)


def _scorecard(actor: User, key: str, employee_no: str | None) -> Scorecard:
    if employee_no is None:
        employee = Employee.objects.filter(user=actor).first()
        missing = f"{actor.username} is no employee; name one with --employee-no."
    else:
        employee = Employee.objects.filter(employee_no=employee_no).first()
        missing = f"There is no employee {employee_no!r}."
    if employee is None:
        raise InvalidInput(missing)
    if not Period.objects.filter(key=key).exists():
        raise InvalidInput(f"There is no period {key!r}.")
    card = (
        Scorecard.objects.current()
        .filter(period__key=key, employee=employee)
        .select_related("employee", "period")
        .first()
    )
    if card is None:
        raise InvalidInput(f"{employee.employee_no} has no result in {key}.")
    return card


def _step(step: str, appeal: Appeal, actor: User, options: dict[str, Any]) -> Appeal:
    reason = options.get("reason", "")
    if step == "submit":
        return appeals.submit_appeal(appeal, actor=actor, late_reason=options["late_reason"])
    if step == "answer":
        return appeals.answer_appeal(appeal, text=reason, actor=actor)
    if step == "investigate":
        return appeals.investigate_appeal(appeal, actor=actor, findings=reason)
    if step == "decide":
        return appeals.decide_appeal(
            appeal,
            outcome=options["outcome"],
            reason=reason,
            confirm=options["confirm"],
            exclude=options["exclude"],
            actor=actor,
        )
    if step in ("execute", "close"):
        plain = {"execute": appeals.execute_appeal, "close": appeals.close_appeal}
        return plain[step](appeal, actor=actor)
    reasoned: dict[str, Callable[..., Appeal]] = {
        "withdraw": appeals.withdraw_appeal,
        "accept": appeals.accept_appeal,
        "return": appeals.return_appeal,
        "reject": appeals.reject_appeal,
        "extend": appeals.extend_appeal,
    }
    return reasoned[step](appeal, reason=reason, actor=actor)
