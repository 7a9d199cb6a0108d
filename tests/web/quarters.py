"""The demo company's complete quarters. Nobody has scored them, so each test takes its own: the
chain walks the first two, the group walk the third; a year of months has at least three."""

from __future__ import annotations

from tests.web.site import Site


def quarters(site: Site) -> list[str]:
    """Keys of the quarters whose three months are released or closed, newest first."""
    rows = site.sql(
        "SELECT to_char(first_day, 'YYYY-\"Q\"Q') FROM assessments_period"
        " WHERE kind = 'month' AND status IN ('closed', 'released')"
        " GROUP BY 1 HAVING count(*) = 3 ORDER BY 1 DESC"
    )
    return [key for (key,) in rows]
