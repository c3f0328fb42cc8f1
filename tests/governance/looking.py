"""What tests look at about requests for change: findings, what is in force, what was told, their clocks."""

from datetime import datetime

import pytest

from governance.models import ChangeRequest
from revops.kernel import audit, policies
from revops.kernel.outbox.models import OutboxEvent
from revops.kernel.sla.models import SlaClock


def codes(refusal: pytest.ExceptionInfo[audit.Blocked]) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in refusal.value.findings]


def in_force(key: str = "opportunities.limit", at: datetime | None = None) -> tuple[int, int, str]:
    held = policies.get(key, at=at)
    return held.n, held.raw["limit"], held.authority


def fresh(rfc: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=rfc.pk)


def events(prefix: str = "rfc.") -> list[str]:
    return list(
        OutboxEvent.objects.filter(type__startswith=prefix).order_by("pk").values_list("type", flat=True)
    )


def clock_states(rfc: ChangeRequest) -> list[tuple[str, str]]:
    rows = SlaClock.objects.filter(subject_type="governance.changerequest", subject_id=rfc.pk)
    return list(rows.order_by("pk").values_list("policy_key", "state"))
