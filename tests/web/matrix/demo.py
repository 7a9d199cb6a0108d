"""What only the demo company offers."""

# URL names that need no row, and why.
EXEMPT = {
    "demo_answer": "open to all in demo mode, 404 elsewhere: tests/dashboards/test_seed_demo.py",
}
