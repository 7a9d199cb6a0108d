"""simulate_policy CODE --period P…: what a policy would have paid."""

from argparse import ArgumentParser
from typing import Any

from core.commands import Command as BaseCommand
from incentives.services.simulations import simulate_policy


class Command(BaseCommand):
    help = "Simulate the newest version of a policy on past periods; pays and changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code")
        parser.add_argument(
            "--period",
            action="extend",
            nargs="+",
            required=True,
            dest="periods",
            metavar="P",
            help="2026-03, 2026-Q1 or 2026; may be given several times",
        )
        self.add_actor(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        actor = self.actor(options)
        simulation = simulate_policy(options["code"], options["periods"], actor=actor)
        result, out = simulation.result, self.stdout.write
        out(f"SIMULATION {simulation.pk}")
        out(f"policy: {simulation.policy_version}, content {simulation.content_hash}")
        out(f"periods: {', '.join(simulation.periods)}")
        out(
            f"cost: {result['cost']} (awards {result['awards_cost']}, performance pay"
            f" {result['performance_pay']}; {result['difference']} against the baseline)"
        )
        out(f"winners: {result['winners']} people with an award")
        out(f"gainers: {result['gainers']} people")
        out(f"losers: {result['losers']} people")
        out(f"small groups: {result['small_groups']}")
        for key, row in result["periods"].items():
            out(
                f"{key}: awards {row['awards_cost']}, performance pay {row['performance_pay']}"
                f" (baseline {row['baseline']}: {row['baseline_pay']}), winners"
                f" {len(row['winners'])}, gainers {len(row['gainers'])}, losers"
                f" {len(row['losers'])}"
            )
            for group in row["small_groups"]:
                out(
                    f"  small group {group['code']} for {group['award']}: {group['eligible']}"
                    f" eligible, {group['needed']} needed ({group['decided']})"
                )
            for pool in row["summary"]["pools"]:
                if pool["exceeded"]:
                    out(f"  {pool['code']} exceeded: cost {pool['cost']}, room {pool['room']}")
