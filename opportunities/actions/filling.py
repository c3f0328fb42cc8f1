"""What a deal lacks for its next stage, given together with the move: written with it, or not at all."""

from collections.abc import Mapping
from typing import Any

from opportunities.actions import drafts, fields
from opportunities.models import Opportunity
from revops.kernel import audit
from revops.kernel.identity.models import User
from revops.kernel.people import access


def fill(deal: Opportunity, changes: Mapping[str, Any], by: User, reason: str) -> None:
    """Change fields of a locked deal inside the open change, as an edit would, so that what follows finds them.

    `changes` are as somebody typed them. Raises Blocked with every finding, Forbidden for a field one may not change.
    """
    changes = {name: value for name, value in changes.items() if name != "stage"}  # that is the move itself
    if not changes:
        return
    access.require_edit(by, deal, changes)
    draft = drafts.read(changes, deal)
    drafts.check([draft], by)
    fields.check_edit(draft, reason, fields.Looked())
    if draft.findings:
        raise audit.Blocked(draft.findings)
    fields.write_edited([draft], by, reason)
