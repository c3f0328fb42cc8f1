"""Files from npm packages are served from an allow-list."""

from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.management import call_command

from revops import assets


def test_listed_file_is_found_where_npm_put_it():
    found = find("vendor/tabler.min.css")
    assert found.endswith("node_modules/@tabler/core/dist/css/tabler.min.css")
    assert Path(found).is_file()


@pytest.mark.parametrize(
    "name", ["@tabler/core/package.json", "vendor/package.json", "vendor/../../manage.py", "vendor/", ""]
)
def test_other_file_is_not_found(name):
    assert assets.NodeModulesFinder().find(name) == []
    with pytest.raises(SuspiciousFileOperation):
        assets.NodeModulesFinder().storage.path(name)


def test_missing_package_names_its_remedy(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(ImproperlyConfigured, match="Run `make install`"):
        list(assets.NodeModulesFinder().list(None))


def test_manifest_follows_every_reference_of_a_listed_file(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STATICFILES_FINDERS = ["revops.assets.NodeModulesFinder"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} >= set(assets.FILES)
    assert (tmp_path / "staticfiles.json").is_file()
