"""Which account a lead belongs to, by the domain of its address. Source: d3 (ALG-3.2, exact match), HC-1."""

from collections.abc import Sequence

from accounts.models import Account, AccountDomain
from revops.kernel.records.drafting import Draft


def match(drafts: Sequence[Draft]) -> None:
    """Note on each draft with a new address the account that has its domain, or none; two queries at most.

    Of an account and the subsidiaries that share its domain, the one in the lead's own country is taken, else the
    account that has the domain.
    """
    given = [draft for draft in drafts if "email" in draft.given]
    for draft in given:
        draft.derived["account"] = None
    domains = {email.domain for draft in given if (email := draft.derived.get("email")) and email.domain}
    if not domains:
        return
    rows = AccountDomain.objects.filter(domain__in=domains, is_active=True)
    owned = {
        domain: (pk, account, country)
        for domain, pk, account, country in rows.values_list("domain", "pk", "account_id", "account__country")
    }
    if not owned:
        return
    shared = _sharers([pk for pk, _, _ in owned.values()])
    for draft in given:
        email = draft.derived.get("email")
        if email and email.domain in owned:
            draft.derived["account"] = _nearest(owned[email.domain], draft.value("country"), shared)


def _sharers(domains: list[int]) -> dict[tuple[int, str], int]:
    """Return the first account of each country that shares one of these domains."""
    rows = Account.objects.filter(shared_domain_of__in=domains).exclude(country="").order_by("-pk")
    return {(row[0], row[1]): row[2] for row in rows.values_list("shared_domain_of", "country", "pk")}


def _nearest(owned: tuple[int, int, str], country: str, shared: dict[tuple[int, str], int]) -> int:
    domain, account, home = owned
    return account if not country or country == home else shared.get((domain, country), account)
