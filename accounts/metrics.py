"""The numbers about accounts, contacts, leads and activities: how many there are. Source: 11-metrics."""

from revops.kernel.metrics import Metric, register

_OWNERS = {
    "accounts.account": ("Accounts", "Sales Ops"),
    "accounts.contact": ("Contacts", "Sales Ops"),
    "accounts.lead": ("Leads", "Marketing Ops"),
    "accounts.activity": ("Activities", "Sales Ops"),
}

for _label, (_name, _owner) in _OWNERS.items():
    register(
        Metric(
            key=f"accounts.{_name.lower()}",
            label=_name,
            definition=f"How many {_name.lower()} there are.",
            formula=f"Count of the {_name.lower()}",
            owner=_owner,
            record_type=_label,
            in_columns=True,
        )
    )
