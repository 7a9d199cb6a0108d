"""The project's own Python sources, parsed once."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# From right to left: each may use those before it.
APPS = (
    *("core", "organization", "customers", "surveys", "complaints", "assessments", "incentives"),
    *("improvements", "dashboards", "config"),
)


@dataclass(frozen=True)
class Source:
    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        return str(self.path.relative_to(REPOSITORY))

    @property
    def app(self) -> str:
        return self.path.relative_to(REPOSITORY).parts[0]

    @property
    def module(self) -> str:
        """Dotted, without a final __init__."""
        parts = self.path.relative_to(REPOSITORY).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_only_words(self) -> bool:
        """Whether the module holds nothing but its docstring."""
        return all(
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            for node in self.tree.body
        )

    def imports(self) -> list[tuple[int, str]]:
        """(line, dotted name) of everything imported, `from a import b` as a.b."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found


def sources(*folders: str) -> tuple[Source, ...]:
    """All Python files below the folders except migrations, which tools write."""
    return tuple(source for folder in folders for source in _below(folder))


@cache
def _below(folder: str) -> tuple[Source, ...]:
    return tuple(
        Source(path, text := path.read_text(encoding="utf-8"), ast.parse(text))
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        if "migrations" not in path.parts
    )
