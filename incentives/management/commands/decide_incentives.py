"""decide_incentives P: a named human of the management group decides a proposal."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from core.errors import InvalidInput
from incentives.services.decisions import decide_award, decide_incentives


class Command(BaseCommand):
    help = (
        "Approve all awards and performance pay of a proposal and post them to the ledger, or"
        " decide one award that was left open. Penalties are never decided here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", metavar="P")
        parser.add_argument("--confirm", metavar="HASH", default="", help="as show_period prints")
        parser.add_argument("--approve-all", action="store_true")
        parser.add_argument("--award", metavar="NO", help="one award, 2025-11-1/CODE/E0001")
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--approve", action="store_true", help="with --award")
        one.add_argument("--reject", action="store_true", help="with --award")
        parser.add_argument("--reason", default="", help="with --award")
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["approve_all"] == bool(options["award"]):
            raise InvalidInput("Give either --approve-all or --award NO.")
        if options["award"]:
            self._one(options)
        else:
            self._all(options)

    def _all(self, options: dict[str, Any]) -> None:
        if not options["confirm"]:
            raise InvalidInput("--confirm HASH is needed: the hash show_period prints.")
        actor = self.actor(options)
        done = decide_incentives(options["period"], actor=actor, confirm=options["confirm"])
        out = self.stdout.write
        out(
            f"{done.proposal.no} decided by {actor}: {done.awards} awards and {done.payments}"
            f" payments approved, {done.rejected} awards refused"
        )
        if done.entries:
            out(
                f"posted {len(done.entries)} entries, {done.entries[0].entry_no} to"
                f" {done.entries[-1].entry_no}, {done.total} in all"
            )
        if done.held:
            out(f"{done.held} places are held: decide each with --award when its question ends")
        if done.pool_exceeded:
            out(f"{done.pool_exceeded} awards exceed their pool: decide each with --award")
        if done.left_own:
            out(f"{done.left_own} rows of your own wait for another decider")
        out("penalties are decided one by one, never here; none is reported")

    def _one(self, options: dict[str, Any]) -> None:
        if options["approve"] == options["reject"]:
            raise InvalidInput("Give --approve or --reject with --award.")
        if not options["award"].startswith(f"{options['period']}-"):
            raise InvalidInput(f"{options['award']} is not an award of {options['period']}.")
        actor = self.actor(options)
        award = decide_award(
            options["award"], actor=actor, approve=options["approve"], reason=options["reason"]
        )
        self.stdout.write(f"{award.no}: {award.state}, {award.amount}")
