"""Policies in words: on the command line and, to be read only, in the Django admin."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from revops.kernel.policies import actions
from revops.kernel.policies.models import PolicyVersion
from tests.cast import Cast
from tests.evidence import unchanged
from tests.kernel.people.test_admin import signed_in
from tests.kernel.policies.papers import Documents

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_command_prints_what_is_in_force_in_words(cast: Cast, documents: Documents) -> None:
    assert printed("policy_show", "specimens.limit") == (
        "Limit of specimens (specimens.limit): the shipped default, mode warn\n  At most 10\n"
    )
    version = actions.draft_version(
        by=cast.rita, key="specimens.limit", body={"limit": 20}, source_note="A test"
    )
    live = actions.activate_version(by=cast.rita, pk=version.pk)
    day = f"{live.effective_from:%Y-%m-%d}"
    assert printed("policy_show", "specimens.limit") == (
        "Limit of specimens (specimens.limit): version 2, on set-up mode, mode warn\n  At most 20\n"
        f"  specimens.limit version 1: retired from {day} to {day}. The tests\n"
        f"  specimens.limit version 2: active from {day}. A test\n"
    )
    assert printed("policy_show", "specimens.limit", "--json") == '{\n  "limit": 20\n}\n'
    assert "specimens.limit                      Limit of specimens\n" in printed("policy_show")
    with pytest.raises(CommandError, match="is no policy"):
        printed("policy_show", "specimens.nothing")


def test_command_adopts_the_shipped_policies(cast: Cast, documents: Documents) -> None:
    said = printed("adopt_policies", "--by", cast.rita.email)
    assert "  specimens.limit version 1\n" in said
    assert printed("adopt_policies", "--by", cast.rita.email) == "0 policies adopted.\n"
    with pytest.raises(CommandError, match="Nobody active signs in"):
        printed("adopt_policies", "--by", "nobody@example.com")
    with unchanged(), pytest.raises(CommandError, match="may not create"):
        printed("adopt_policies", "--by", cast.alice.email)


def test_admin_shows_policies_and_writes_none(cast: Cast, documents: Documents) -> None:
    version = actions.draft_version(
        by=cast.rita, key="specimens.limit", body={"limit": 20}, source_note="A test"
    )
    rita: Client = signed_in(cast.rita)
    pages = (
        "/admin/policies/policy/",
        f"/admin/policies/policy/{version.policy_id}/change/",
        "/admin/policies/policyversion/",
        f"/admin/policies/policyversion/{version.pk}/change/",
    )
    with unchanged():
        for page in pages:
            assert rita.get(page).status_code == 200, page
        assert "At most 20" in rita.get(pages[3]).content.decode()
        assert rita.get("/admin/policies/policyversion/add/").status_code == 403
        assert rita.post(pages[3], {"deed": "x", "body": "{}"}).status_code in (200, 422)
        assert rita.post(f"/admin/policies/policyversion/{version.pk}/delete/").status_code == 403
    assert PolicyVersion.objects.count() == 2
