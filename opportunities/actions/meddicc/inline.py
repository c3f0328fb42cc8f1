"""New evidence that comes with a score, in one form: it shows the element, and the score rests on it."""

from collections.abc import Mapping
from typing import Any

from opportunities.actions import evidence
from opportunities.actions.meddicc.fields import SHOWN_BY
from opportunities.models import Opportunity
from revops.kernel.identity.models import User
from revops.kernel.records.drafting import Draft


def read(draft: Draft, deal: Opportunity, by: User, given: Mapping[str, Any]) -> Draft:
    """Return the evidence that is given with a score, unwritten; what speaks against it joins what speaks against that.

    It says what the element says.
    """
    kind = SHOWN_BY[draft.record.element][0]
    found = evidence.read_evidence(
        deal, {"kind": str(kind), "statement": draft.value("statement"), **given}, by
    )
    told = {finding.field for finding in draft.findings}
    draft.findings += [one for one in found.findings if one.field not in told - set(given)]
    return found
