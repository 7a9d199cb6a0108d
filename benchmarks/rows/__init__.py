"""One module a row of the table in README.md: `run(size, runs)` yields what it measured."""
