"""Pages everybody has."""

from tests.web.matrix.rows import LOGGED_IN, Row

ROWS = (
    Row("home", LOGGED_IN),
    Row("account", LOGGED_IN),
    Row("notices", LOGGED_IN),
    Row("styleguide", LOGGED_IN),
    Row("notices_read", LOGGED_IN, method="post"),
    # The API takes bearer tokens of integration clients only; no session opens it.
    *(
        Row(name, frozenset(), 401, method="post", exceptions={"anonymous": 401})
        for name in ("api-events", "api-measurements", "api-responses")
    ),
)

# URL names that need no row, and why.
EXEMPT = {
    "set_language": "open to all, stores a cookie",
    "set_theme": "open to all, stores a cookie",
    "job_progress": "own jobs only: tests/dashboards/test_job_progress.py",
    "healthz": "open to monitors",
    "readyz": "open to monitors",
    "metrics": "open to the holder of a token: tests/core/test_metrics.py",
    "csp_report": "open to browsers: tests/core/test_csp_report.py",
    "api-schema": "open: the schema holds no data",
}
