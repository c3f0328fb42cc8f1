"""One bulk change of operations: the German leads get their region, all at once."""

from collections.abc import Mapping

from revops.kernel.exchange.bulk import asking, working
from revops.kernel.identity.models import User


def change(people: Mapping[str, User]) -> None:
    """Ask for it and do it here, as a worker would."""
    run = asking.request_bulk(
        by=people["rita"],
        record_type="leads",
        deed="edit",
        values={"region": "EMEA"},
        reason="The sales regions were drawn anew",
        parameters={"country": "DE"},
    )
    started = working.start(by=people["rita"], pk=run.pk)
    working.work(run.pk, str(started.token))
