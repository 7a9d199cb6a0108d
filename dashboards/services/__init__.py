"""What is written across the apps: so far the demo company."""
