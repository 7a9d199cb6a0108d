"""`./run benchmark [NAME …] [--size N] [--runs K]`: a table; exit status 1 when a bar is missed."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile

from benchmarks.database import own_database

FILLED = ("dashboards", "rebuild", "ratings")  # on a year of answers, which can be kept
YEAR = 1_000_000  # answers
NAMES = (
    "scoring", "answers", "cleaning", "workbook", "pages", "intake", "workers", "monthly", *FILLED,
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run benchmark", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME",
                        help=f"{', '.join(NAMES)}; all without")  # fmt: skip
    parser.add_argument("--size", type=int, help="another size than the bar's")
    parser.add_argument("--runs", type=int, default=3, help="runs of each job (3)")
    parser.add_argument("--keep", action="store_true", help="leave the year of answers that"
                        f" {', '.join(FILLED)} work on to the next run of that size")  # fmt: skip
    options = parser.parse_args()
    names = options.names or NAMES
    if len(names) > 1:  # each on a database of its own
        words = [
            f"--{key}={value}" for key, value in vars(options).items() if key in _PASSED and value
        ]
        words += ["--keep"] if options.keep else []
        return max([_by_itself(name, words) for name in names])
    kept = f"year_{options.size or YEAR}" if names[0] in FILLED else ""
    keep = options.keep and bool(kept)
    with own_database(kept, keep=keep) as name, tempfile.TemporaryDirectory() as media:
        # What is sent to the broker is for the workers of this database.
        os.environ |= {"MEDIA_ROOT": media, "LOG_LEVEL": "WARNING", "BROKER_KEY_PREFIX": f"{name}:"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        return _measure(names[0], options.size, options.runs)


_PASSED = ("size", "runs")


def _by_itself(name: str, words: list[str]) -> int:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks", name, *words], check=False
    ).returncode


def _measure(name: str, size: int | None, runs: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=0)
    from benchmarks.harness import machine, show

    module = importlib.import_module(f"benchmarks.rows.{name}")
    sys.stdout.write(f"{machine()}\n\n")
    missed = show(module.run(size or getattr(module, "SIZE", YEAR), runs))
    connections.close_all()
    sys.stdout.write(f"\n{missed} bars missed.\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
