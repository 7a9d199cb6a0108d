"""propose_incentives P: work out what a released period pays."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from incentives.models import Proposal
from incentives.services.proposals import propose_incentives

DECIDED = {
    "here": "decided here",
    "fallback": "too few: decided by the {fallback_to}",
    "too_small": "too few: no award",
    "nobody": "nobody eligible: no award",
}


class Command(BaseCommand):
    help = "Propose awards and, for a month, performance pay of a released period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        proposal, new = propose_incentives(options["period"], actor=self.actor(options))
        self.stdout.write(
            f"PROPOSAL {proposal.no} {'new' if new else 'unchanged'} ({proposal.status}), by"
            f" {proposal.policy_version}, confirmed with {proposal.evidence_hash}"
        )
        self._awards(proposal)
        self._pay(proposal)
        self.stdout.write(
            "penalties: none reported; the policy sets no threshold, a low score leads to an"
            " improvement plan only"
        )
        missing = ", ".join(proposal.summary["not_recorded"])
        if missing:
            self.stdout.write(f"not recorded yet, so nobody is excluded or held by it: {missing}")

    def _awards(self, proposal: Proposal) -> None:
        summary, out = proposal.summary, self.stdout.write
        for code, row in summary["awards"].items():
            instead = f", in place of the {row['fallback_of']}" if row["fallback_of"] else ""
            out(
                f"{code}{instead}: considered {row['considered']}, eligible {row['eligible']},"
                f" winners {row['winners']}, held {row['held']}, cost {row['cost']}"
            )
            for group in row["groups"]:
                words = DECIDED[group["decided"]].format(**row)
                tied = f", {group['tied_out']} tied at the edge" if group["tied_out"] else ""
                out(
                    f"  {group['code']}: {group['eligible']} of {group['considered']} eligible,"
                    f" places {group['places']}, winners {group['winners']}{tied}; {words}"
                )
            if row["missing"]:
                keys = ", ".join(row["missing"])
                out(f"  not proposed, so not known to fall back: {keys}")
        for pool in summary["pools"]:
            state = "EXCEEDED, winners are decided one by one" if pool["exceeded"] else "enough"
            out(
                f"{pool['code']} of {pool['month']}: budget {pool['budget']}, appeal reserve"
                f" {pool['appeal_reserve']}, carried over {pool['carried_over']}, taken elsewhere"
                f" {pool['taken_elsewhere']}, room {pool['room']}, cost {pool['cost']}: {state}"
            )
        if summary["awards_not_run"]:
            out(f"not worked out by this version: {', '.join(summary['awards_not_run'])}")

    def _pay(self, proposal: Proposal) -> None:
        pay = proposal.summary["performance_pay"]
        if pay is None:
            self.stdout.write("performance pay: by the month only")
            return
        self.stdout.write(
            f"performance pay ({pay['mode']}): {pay['people']} people, {pay['total']} in all,"
            f" {pay['not_assessed']} not assessed, {pay['without_base']} without performance pay"
        )
        if pay["days_without_profile"]:
            people = ", ".join(pay["days_without_profile"])
            self.stdout.write(f"  days without a pay profile count nothing: {people}")
