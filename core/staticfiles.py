"""The files of npm packages that pages use, by the short address they are served under. Nothing
third-party is copied into the repository, and nothing else of the packages is served."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

FILES = {
    "vendor/tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/inter/files/inter-latin-wght-normal.woff2": (
        "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
    ),
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/vega/vega.min.js": "vega/build/vega.min.js",
    "vendor/vega/vega-lite.min.js": "vega-lite/build/vega-lite.min.js",
    "vendor/vega/vega-lite.min.js.map": "vega-lite/build/vega-lite.min.js.map",
    "vendor/vega/vega-embed.min.js": "vega-embed/build/vega-embed.min.js",
    "vendor/vega/vega-embed.min.js.map": "vega-embed/build/vega-embed.min.js.map",
}


class _Renamed(FileSystemStorage):
    """node_modules, addressed by the keys of FILES."""

    def path(self, name: str) -> str:
        return str(Path(settings.NODE_MODULES) / FILES[name])


class NpmFinder(BaseFinder):
    """Finds exactly FILES, as far as they are installed."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = Path(settings.NODE_MODULES) / FILES[path] if path in FILES else None
        if found is None or not found.exists():
            return []
        return [str(found)] if find_all else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        storage = _Renamed(location=settings.NODE_MODULES)
        return [(name, storage) for name in FILES if Path(storage.path(name)).exists()]
