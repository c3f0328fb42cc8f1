"""What a person may choose, and that nothing else is stored."""

from typing import Any

import pytest

from revops.kernel import audit
from revops.kernel.people import preferences
from revops.kernel.people.models import Preference
from revops.kernel.people.preferences import Preferences
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_choices_are_kept_as_they_are_stored(cast: Cast):
    saved = preferences.save(cast.alice, {"locale": "fr_FR", "page_size": "25", "single_keys": "false"})
    assert saved == Preferences(locale="fr_FR", page_size=25, single_keys=False)
    assert preferences.of(type(cast.alice).objects.get(pk=cast.alice.pk)) == saved


def test_nothing_chosen_means_the_installations_choice(cast: Cast):
    assert preferences.of(cast.bob) == preferences.DEFAULT
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", True),
        ("density", ""),
        ("locale", "tlh_QO"),
        ("locale", "de"),
        ("time_zone", "Mars/Olympus"),
        ("page_size", 10_000),
        ("page_size", "50.0"),
        ("page_size", True),
        ("page_size", "٥٠"),
        ("single_keys", "maybe"),
        ("single_keys", 1),
        ("user_id", 3),
    ],
)
def test_value_that_is_not_offered_is_refused(cast: Cast, name: str, value: Any):
    with pytest.raises(audit.Blocked) as refusal:
        preferences.save(cast.alice, {name: value})
    assert [(one.code, one.field) for one in refusal.value.findings] == [("WEB-001", name)]
    assert not Preference.objects.exists()


def test_every_value_that_is_not_offered_is_told_at_once(cast: Cast):
    with pytest.raises(audit.Blocked) as refusal:
        preferences.save(cast.alice, {"theme": "pink", "locale": "xx", "density": "compact"})
    assert [one.field for one in refusal.value.findings] == ["theme", "locale"]
