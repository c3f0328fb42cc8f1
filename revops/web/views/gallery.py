"""The gallery: every shared piece in every state and both themes, drawn by the files that the pages include."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from revops.kernel.audit import Finding, Remedy
from revops.kernel.people import access
from revops.web.access_rows import page
from revops.web.inputs import Input
from revops.web.navigation import GALLERY_ROLES
from revops.web.refusals import Refusal
from revops.web.rendering import show

LONG = "A name that is much longer than anybody who drew this piece had thought of, and then some more"
SIDES = (("light", "Light"), ("dark", "Dark"))
_MISSING = Finding(
    "OPP-014",
    "The economic buyer was last engaged on 2 January; Commit needs someone engaged since 14 February.",
    field="economic_buyer",
    found="2 January",
    needed="14 February or later",
    excusable_by=("SALES_MGR",),
    remedies=(Remedy("Log a meeting", "#"), Remedy("Move to Best Case", "#")),
)
_STAGES = (("q", "Qualification"), ("p", "Proposal"), ("n", "Negotiation"))


@page("GET")
def gallery_page(request: HttpRequest) -> HttpResponse:
    """Show every component; to everybody while one develops, to operations otherwise."""
    if not settings.DEBUG and not GALLERY_ROLES & access.roles_of(request.user):
        raise access.Forbidden("Your role may not open this page.")
    sides = [{"side": side, "label": label, "inputs": _inputs(side)} for side, label in SIDES]
    return show(request, "gallery/page.html", {"sides": sides} | _samples())


def _samples() -> dict[str, Any]:
    return {
        "long": LONG,
        "refusal": Refusal("This deal did not move to Commit", (_MISSING,)),
        "tabs": (("All deals", "#all", 128), ("Mine", "#mine", 12), ("Closing this month", "#month", None)),
        "segments": (
            ("auto", "System", "device-desktop"),
            ("light", "Light", "sun"),
            ("dark", "Dark", "moon"),
        ),
        "menu": (("Edit", "#", "pencil"), ("Duplicate", "#", "copy"), (LONG, "#", "archive")),
        "heads": (("Stage", False), ("Deals", True), ("Amount", True)),
        "rows": (("Qualification", "42", "$1,250,000"), ("Proposal", "17", "$840,500"), (LONG, "1", "$9")),
        "tones": ("page", "sunken", "hover", "accent", "accent-soft", "green", "amber", "red", *"1234567"),
        "kinds": ("primary", "", "quiet", "danger"),
        "pills": ("", "green", "amber", "red", "blue", "violet"),
    }


def _inputs(side: str) -> list[Input]:
    """Return one input of every kind, at rest and refused."""
    finding = Finding(
        "REC-001", "Enter an amount such as 12500.50.", field="amount", found="lots", needed="a number"
    )
    return [
        Input(f"{side}-text", "Name", "text", "Northwind Traders", help="As on the contract."),
        Input(f"{side}-empty", "Required and empty", "text", required=True),
        Input(f"{side}-refused", "Amount", "text", "lots", keyboard="decimal", findings=(finding,)),
        Input(f"{side}-select", "Stage", "select", "p", options=_STAGES),
        Input(f"{side}-date", "Close date", "date", "2026-03-31"),
        Input(f"{side}-instant", "Next meeting", "datetime-local", "2026-03-12T15:05"),
        Input(f"{side}-check", "Sees the price list", "checkbox", "true"),
        Input(f"{side}-picker", "Owner", "picker", "1", shown="Alice Adams", source="/people/options/"),
        Input(
            f"{side}-pickers",
            "Attendees",
            "pickers",
            chosen=(("1", "Alice Adams"), ("2", "Bob Brown")),
            source="/people/options/",
        ),
        Input(f"{side}-area", "Description", "textarea", LONG),
    ]
