"""Names of deals: computed from their parts in the same write, the old one kept and searchable. Source: ALG-1.3."""

from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects

from opportunities.enums import NameSource
from opportunities.models import NameHistory, Opportunity
from revops.kernel import audit
from revops.kernel.clocks import fiscal
from revops.kernel.folding import fold
from revops.kernel.naming import OPPORTUNITY


def rename(deals: Sequence[Opportunity]) -> None:
    """Give every deal the name that its parts make, in one query for all their quarters; the caller writes them.

    A stored deal whose name changes gets its old one into the history of names.
    """
    prefetch_related_objects(
        [deal for deal in deals if not deal._state.adding], "primary_product", "use_case"
    )
    quarters = fiscal.quarter_tokens(deal.close_date for deal in deals)
    old: list[NameHistory] = []
    for deal in deals:
        name = _name(deal, quarters.get(deal.close_date, ""))
        if name != deal.name and not deal._state.adding:
            old.append(former(deal, deal.name, NameSource.COMPUTED))
        deal.name, deal.name_key = name, fold(name)
    audit.write_many(old)


def _name(deal: Opportunity, quarter: str) -> str:
    product = deal.primary_product
    return OPPORTUNITY.build(
        {
            "segment": deal.segment,
            "geo": deal.geo,
            "product": (product.family or product.name) if product is not None else "",
            "use_case": deal.use_case.code if deal.use_case is not None else "",
            "quarter": quarter,
        }
    )


def former(deal: Opportunity, name: str, source: NameSource) -> NameHistory:
    """Return a former name of a deal, to be written."""
    return NameHistory(
        opportunity=deal,
        name=name[:255],
        name_key=fold(name[:255]),
        source=source,
        used_until=audit.current().occurred_at,
    )


def keep_imported(names: Iterable[tuple[Opportunity, str]]) -> None:
    """Keep what other systems call these deals, as names they can be found by."""
    audit.write_many([former(deal, name, NameSource.IMPORTED) for deal, name in names if name])
