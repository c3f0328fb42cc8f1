"""The addresses of approvals beside those of the record type, each with its row of the access matrix."""

from django.urls import URLPattern, path

from revops.api.access_rows import asking
from revops.api.approvals.delegations import Delegations, EndDelegation
from revops.api.approvals.requests import Content, Decision, Inbox, Preview

SEE, DECIDE = "view of approvals.approvalrequest", "decide of approvals.approvalrequest"
DELEGATIONS = {"GET": "view of approvals.delegation", "POST": "create of approvals.delegation"}
END = {"POST": "own of approvals.delegation"}


def patterns() -> list[URLPattern]:
    """Return the addresses."""
    one = "approvals/<record_id:id>"
    preview = asking(Preview.as_view(), {"GET": "view of the record"})
    return [
        path("approvals/inbox/", asking(Inbox.as_view(), {"GET": "self"}), name="api-approvals-inbox"),
        path("approvals/preview/", preview, name="api-approvals-preview"),
        path(f"{one}/content/", asking(Content.as_view(), {"GET": SEE}), name="api-approval-content"),
        path(f"{one}/decide/", asking(Decision.as_view(), {"POST": DECIDE}), name="api-approval-decide"),
        path("delegations/", asking(Delegations.as_view(), DELEGATIONS), name="api-delegations"),
        path(
            "delegations/<record_id:id>/end/", asking(EndDelegation.as_view(), END), name="api-delegation-end"
        ),
    ]
