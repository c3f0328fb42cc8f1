"""The gallery shows every shared piece there is, to those who keep the product."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template

from tests.cast import Cast

COMPONENTS = Path(get_template("components/button.html").origin.name).parent
# What belongs to the frame, to one page, or is a part of another piece; the gallery's own page has the frame around it.
PARTS = {
    "control", "described", "dialogs", "favourites", "figure", "follow", "form_fields", "input", "messages",
    "navigation", "options", "person_menu", "pickers", "refusal", "remedies", "star", "topbar",
}  # fmt: skip


def test_every_component_says_what_it_takes():
    silent = [
        path.name
        for path in sorted(COMPONENTS.glob("*.html"))
        if path.stem not in PARTS
        and not re.search(r"\{# .*Takes .* #\}", path.read_text(encoding="utf-8")[:400])
    ]
    assert silent == []


def test_every_component_that_stands_alone_is_in_the_gallery():
    gallery = "".join(
        path.read_text(encoding="utf-8") for path in (COMPONENTS.parent / "gallery").glob("*.html")
    )
    shown = set(re.findall(r'include "components/(\w+)\.html"', gallery))
    assert {path.stem for path in COMPONENTS.glob("*.html")} - PARTS == shown


@pytest.mark.django_db
def test_gallery_is_for_operations_outside_development(browse: Any, cast: Cast, settings: Any):
    settings.DEBUG = False
    assert browse(cast.rita).get("/gallery/").status_code == 200
    assert browse(cast.alice).get("/gallery/").status_code == 403


@pytest.mark.django_db
def test_gallery_shows_both_themes_without_naming_an_element_twice(browse: Any, cast: Cast):
    page = browse(cast.rita).get("/gallery/").content.decode()
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    assert "gallery-light" in page
    assert "gallery-dark" in page
