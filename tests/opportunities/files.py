"""Files of other systems, made for tests, and a short way to bring them in."""

from pathlib import Path
from typing import Any

from opportunities.models import Opportunity, StageInterval
from revops.kernel.exchange import importing
from revops.kernel.exchange.options import Options
from revops.kernel.exchange.reports import Report

ACCOUNTS = (
    "Id,Name,BillingCountry,NumberOfEmployees\n"
    "A1,Edge Communications,United States,1000\n"
    "A2,Pyramid,Germany,50\n"
)
CONTACTS = (
    "Id,AccountId,LastName,Email\n"
    "C1,A1,Gonzalez,rose@edge.example\n"
    "C2,A1,Forbes,sean@edge.example\n"
    "C3,A2,Ripley,tom@pyramid.example\n"
)
_CREATED = "01/05/26 08:55 PM"
DEALS = (
    "Id,AccountId,Name,StageName,Amount,Probability,CloseDate,IsClosed,IsWon,CreatedDate,"
    "LeadSource,ForecastCategory,OwnerId,PrimaryContactId,IsDeleted\n"
    f"D1,A1,Edge Generators,Closed Won,220000,100,02/03/26,TRUE,TRUE,{_CREATED},"
    "Web,Closed,alice@example.com,C1,FALSE\n"
    f"D2,A1,Edge SLA,Id. Decision Makers,15000,60,02/03/27,FALSE,FALSE,{_CREATED},"
    "Partner,BestCase,,,FALSE\n"
    f"D3,A2,Pyramid Emergency,Closed Lost,,0,02/03/26,TRUE,FALSE,{_CREATED},"
    ",Omitted,nobody@example.com,,FALSE\n"
    f"D4,A2,Pyramid Later,Negotiation/Review,9000,90,02/03/27,FALSE,FALSE,{_CREATED},"
    "Web,Pipeline,,,FALSE\n"
    f"D5,A2,Gone,Qualification,1,10,02/03/27,FALSE,FALSE,{_CREATED},Web,Pipeline,,,TRUE\n"
)
HISTORY = (
    "Id,OpportunityId,CreatedDate,StageName,Probability,ForecastCategory\n"
    "H1,D1,01/05/26 08:55 PM,Prospecting,10,Pipeline\n"
    "H2,D1,02/09/26 10:00 AM,Closed Won,100,Closed\n"
    "H3,D1,01/20/26 09:00 AM,Proposal/Price Quote,75,MostLikely\n"
    "H4,D2,01/05/26 08:55 PM,Id. Decision Makers,60,BestCase\n"
    "H5,D4,01/05/26 08:55 PM,Prospecting,10,Pipeline\n"
)
ROLES = (
    "Id,OpportunityId,ContactId,Role,IsPrimary\n"
    "R1,D1,C1,Economic Decision Maker,true\n"
    "R2,D1,C2,Donor,true\n"
    "R3,D1,C2,Soft Credit,false\n"
    "R4,D4,C3,Influencer,false\n"
    "R5,D4,C3,Influencer,false\n"
)


def bring(
    folder: Path,
    by: Any,
    kind: str,
    content: str,
    mapping: str = "salesforce",
    *,
    dry_run: bool = False,
    chunk: int = 500,
    **options: Any,
) -> Report:
    """Import a file with this content."""
    path = folder / f"{kind}.csv"
    path.write_text(content)
    return importing.run(
        by=by,
        record_type=kind,
        path=path,
        mapping=mapping,
        dry_run=dry_run,
        chunk=chunk,
        options=Options(**{"date_format": "mdy", **options}),
    )


def with_reason(content: str, code: str = "criteria_met") -> str:
    """Return the file with the reason of another stage in a column of its own."""
    head, *rows = content.strip().split("\n")
    return "\n".join([f"{head},StageReason", *(f"{row},{code}" for row in rows)]) + "\n"


def bring_all(folder: Path, by: Any, *, chunk: int = 500) -> None:
    for kind, content in (
        ("account", ACCOUNTS),
        ("contact", CONTACTS),
        ("opportunity", DEALS),
        ("opportunity_history", HISTORY),
        ("contact_role", ROLES),
    ):
        bring(folder, by, kind, content, chunk=chunk)


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Return (created, updated, unchanged, rejected, skipped)."""
    found = report.as_json()
    return (found["created"], found["updated"], found["unchanged"], found["rejected"], found["skipped"])


def told(report: Report, *weights: str) -> list[tuple[str, int, str]]:
    """Return (code, line, field) of the findings, of errors and warnings unless said otherwise."""
    wanted = weights or ("error", "warning")
    return [(one["code"], one["line"], one["field"]) for one in report.findings if one["weight"] in wanted]


def known_as(name: str) -> Opportunity:
    """Return the deal that another system calls so."""
    return Opportunity.objects.get(former_names__name=name, former_names__source="imported")


def stays(deal: Opportunity) -> list[tuple[str, str, str, str]]:
    """Return the stages of a deal over time: stage, from, to, probability."""
    rows = StageInterval.objects.filter(opportunity=deal).in_order()
    return [
        (
            row.stage,
            f"{row.active_from:%m-%d %H:%M}",
            f"{row.active_to:%m-%d %H:%M}" if row.active_to else "",
            f"{row.probability:.2f}",
        )
        for row in rows
    ]
