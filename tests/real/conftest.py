"""Tests on real data that is not part of the project: collected only where it stands beside it."""

from pathlib import Path

SHARED = Path(__file__).parents[2].parent / "shared"

collect_ignore_glob = [] if SHARED.is_dir() else ["test_*.py"]
