"""Policies in the Django admin: to be read, never written there."""

import json
from typing import Any

from django.contrib import admin

from revops.kernel.people.admin.deeds import ActionAdmin
from revops.kernel.policies import documents
from revops.kernel.policies.models import Policy, PolicyVersion
from revops.kernel.policies.rules import RuleError


@admin.register(Policy)
class PolicyAdmin(ActionAdmin):
    list_display = ("key", "scope_key", "priority")
    ordering = ("key", "scope_key", "pk")

    def facts(self, record: Policy) -> list[tuple[str, Any]]:
        versions = PolicyVersion.objects.filter(policy=record).order_by("-n")
        told = [f"{one.n}: {one.get_status_display()}, {one.source_note}" for one in versions]
        return [
            ("Key", record.key),
            ("Scope", record.scope_key or "everything"),
            ("Versions", "; ".join(told)),
        ]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ActionAdmin):
    list_display = ("policy", "n", "status", "mode", "effective_from", "effective_to", "authority")
    list_filter = ("status", "mode")
    list_select_related = ("policy",)
    ordering = ("policy__key", "policy__scope_key", "-n", "pk")

    def facts(self, record: PolicyVersion) -> list[tuple[str, Any]]:
        return [
            ("Status", record.get_status_display()),
            ("Mode", record.get_mode_display()),
            ("In force from", record.effective_from or "never"),
            ("Until", record.effective_to or "open"),
            ("Authority", record.authority or "none yet"),
            ("Source", record.source_note),
            ("In words", "; ".join(_in_words(record))),
            ("Body", json.dumps(record.body, indent=1)),
        ]


def _in_words(record: PolicyVersion) -> list[str]:
    """Return the body in words, or why today's rules refuse it."""
    try:
        return documents.get(record.policy.key).read(record.body).lines()
    except (LookupError, RuleError) as error:
        return [str(error)]
