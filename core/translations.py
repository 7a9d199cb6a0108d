"""Translation files compiled without the gettext programs, which not every machine has."""

import os
import tempfile
from pathlib import Path

import polib


def compile_all(folders: list[Path]) -> int:
    """Compile every changed .po below the folders; returns how many were out of date."""
    stale = [
        source
        for folder in folders
        for source in sorted(folder.glob("*/LC_MESSAGES/*.po"))
        if not _is_fresh(source)
    ]
    for source in stale:
        # Beside the target and then renamed: two instances may share one source tree.
        handle, temporary = tempfile.mkstemp(dir=source.parent, suffix=".mo.new")
        os.close(handle)
        polib.pofile(str(source)).save_as_mofile(temporary)
        os.chmod(temporary, 0o644)
        os.replace(temporary, source.with_suffix(".mo"))
    return len(stale)


def _is_fresh(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns
