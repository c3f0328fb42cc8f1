"""The staticfiles finder for npm packages: serves the files listed here from node_modules, and nothing else.

A template names them as `{% static "vendor/tabler.min.css" %}`. Source maps and fonts that a listed file refers
to must be listed as well, since the manifest storage refuses a reference it cannot follow.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

INTER = "@fontsource-variable/inter"
INTER_SUBSETS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "greek-ext", "vietnamese")

# name under STATIC_URL -> path under node_modules
FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",
    "vendor/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/tabler.min.js.map": "@tabler/core/dist/js/tabler.min.js.map",
    "vendor/sortable.min.js": "sortablejs/Sortable.min.js",
    "vendor/inter/inter.css": f"{INTER}/wght.css",
} | {
    f"vendor/inter/files/inter-{subset}-wght-normal.woff2": f"{INTER}/files/inter-{subset}-wght-normal.woff2"
    for subset in INTER_SUBSETS
}


class NodeModulesStorage(FileSystemStorage):
    """Reads the listed files, each under the name it is served by."""

    def path(self, name: str) -> str:
        """Return where `name` lies on disk; a name that is not listed is refused."""
        try:
            return super().path(FILES[Path(name).as_posix()])
        except KeyError:
            raise SuspiciousFileOperation(f"{name} is not on the list of revops/assets.py") from None


class NodeModulesFinder(BaseFinder):
    """Finds the listed files, for runserver, whitenoise and collectstatic alike."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = NodeModulesStorage(location=Path(settings.BASE_DIR) / "node_modules")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the file that `path` names, or nothing: an empty list."""
        if path not in FILES or not self.storage.exists(path):
            return []
        found = self.storage.path(path)
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, NodeModulesStorage]]:
        """Yield every listed file; one that is not installed is an error that names its remedy."""
        patterns = [*(ignore_patterns or [])]
        for name, source in FILES.items():
            if matches_patterns(name, patterns):
                continue
            if not self.storage.exists(name):
                raise ImproperlyConfigured(f"node_modules/{source} is missing. Run `make install`.")
            yield name, self.storage
