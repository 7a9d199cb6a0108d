"""How a state looks: one of five tones and an icon. A word means the same wherever it stands.

Tones: "" grey waits or is neutral, "a" indigo in hand, "g" green done, "w" amber wants attention,
"r" vermilion late or stopped.
"""

from __future__ import annotations

UNKNOWN = ("", "circle-dashed")

STATES: dict[str, tuple[str, str]] = {
    # waiting, neutral
    "draft": ("", "pencil"),
    "planned": ("", "calendar"),
    "pending": ("", "circle-dashed"),
    "collecting": ("", "circle-dashed"),
    "computed": ("", "circle-dashed"),
    "proposed": ("", "circle-dashed"),
    "not_assessed": ("", "circle-dashed"),
    "no_data": ("", "circle-dashed"),
    "no_peer_group": ("", "circle-dashed"),
    "no_difference": ("", "equal"),
    "waived": ("", "ban"),
    "excluded": ("", "x"),
    "retired": ("", "archive"),
    "superseded": ("", "archive"),
    "closed": ("", "lock"),
    "withdrawn": ("", "arrow-back-up"),
    "maintained": ("", "x"),
    "inadmissible": ("", "x"),
    "reversed": ("", "arrow-back-up"),
    "ended": ("", "lock"),
    "revoked": ("", "ban"),
    # in hand
    "running": ("a", "refresh"),
    "building": ("a", "refresh"),
    "in_review": ("a", "eye"),
    "reviewed": ("a", "eye"),
    "data_locked": ("a", "lock"),
    "scored": ("a", "chart-dots-3"),
    "released": ("a", "bell"),
    "revised": ("a", "history"),
    "submitted": ("a", "scale"),
    "accepted": ("a", "inbox"),
    "investigating": ("a", "search"),
    "recomputed": ("a", "refresh"),
    "decided": ("a", "gavel"),
    "notified": ("a", "bell"),
    "delivered": ("a", "download"),
    "generated": ("a", "file-spreadsheet"),
    "published": ("a", "bell"),
    "open": ("a", "door-enter"),
    # done
    "approved": ("g", "check"),
    "validated": ("g", "shield-check"),
    "acknowledged": ("g", "check"),
    "final": ("g", "lock"),
    "done": ("g", "check"),
    "counted": ("g", "check"),
    "ok": ("g", "check"),
    "assessed": ("g", "check"),
    "active": ("g", "check"),
    "executed": ("g", "check"),
    "posted": ("g", "check"),
    "paid": ("g", "check"),
    "upheld": ("g", "scale"),
    # attention
    "review": ("w", "hourglass"),
    "partial": ("w", "adjustments"),
    "partly": ("w", "adjustments"),
    "below_min_n": ("w", "dots"),
    "ack_timeout": ("w", "clock"),
    "under_appeal": ("w", "scale"),
    "returned_for_info": ("w", "arrow-back-up"),
    "paused": ("w", "player-pause"),
    "locked": ("w", "lock"),
    # late or stopped
    "failed": ("r", "alert-triangle"),
    "rejected": ("r", "x"),
    "late": ("r", "alert-triangle"),
    "breached": ("r", "alert-triangle"),
    "silent": ("r", "alert-triangle"),
    "never": ("r", "alert-triangle"),
    "down": ("r", "alert-triangle"),
}


def look(state: str) -> tuple[str, str]:
    """(tone, icon) of a stored state value."""
    return STATES.get(str(state), UNKNOWN)
