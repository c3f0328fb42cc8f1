"""The organisation of the demo company: people with their roles, teams, queues, territories, calendars, catalogues."""

from datetime import date, datetime

from django.conf import settings

from accounts.actions import create_campaign, create_product
from accounts.models import Campaign, Product
from revops.demo.cast import PARTS, PASSWORD, TEAMS
from revops.demo.words import CAMPAIGNS, PRODUCTS
from revops.kernel.clocks import calendars, fiscal
from revops.kernel.identity.models import User
from revops.kernel.people import actions, preferences
from revops.kernel.people.models import Queue, Team, Territory
from revops.kernel.policies.actions import adopt_shipped

TERRITORIES = {
    "East": ("NA-ENT-ALL", "alice"),
    "West": ("NA-MM-ALL", "charlie"),
    "EMEA": ("EMEA-ALL", "eva"),
}


def people() -> dict[str, User]:
    """Create the people with their roles, then teams, reporting lines, queues and territories."""
    admin = actions.bootstrap_admin(email=PARTS[0].email, name=PARTS[0].name, password=PASSWORD)
    made = {"admin": admin}
    for part in PARTS[1:]:
        made[part.key] = actions.create_user(
            by=admin, email=part.email, name=part.name, roles=[part.role], password=PASSWORD
        )
    teams: dict[str, Team] = {}
    for name, parent, manager in TEAMS:
        teams[name] = actions.create_team(
            by=admin, name=name, parent=teams.get(parent), manager=made[manager]
        )
    for part in PARTS:
        if part.team:
            actions.move_to_team(by=admin, user=made[part.key], team=teams[part.team])
        if part.manager:
            actions.set_manager(by=admin, user=made[part.key], manager=made[part.manager])
    rita = made["rita"]
    queue: Queue = actions.create_queue(
        by=rita, name="Unassigned", key="unassigned", team=teams["Operations"], members=[rita, made["olga"]]
    )
    actions.create_territory(by=rita, code="ROW", name="Rest of the world", default_queue=queue)
    preferences.save(made["emma"], {"locale": "en_GB", "time_zone": "Europe/London"})
    preferences.save(made["eva"], {"locale": "de_DE", "time_zone": "Europe/Berlin", "theme": "dark"})
    return made


def territories(made: dict[str, User]) -> dict[str, Territory]:
    """Create a territory a region, each with somebody who gets what nobody owns there."""
    return {
        region: actions.create_territory(
            by=made["rita"], code=code, name=code.replace("-", " "), default_owner=made[owner]
        )
        for region, (code, owner) in TERRITORIES.items()
    }


def adopt_policies(made: dict[str, User]) -> None:
    """Make the policies that ship the first versions of the company's own."""
    adopt_shipped(by=made["rita"])


def keep_calendars(begin: datetime) -> None:
    """Set up the business calendar and the fiscal periods of five years."""
    week = {str(day): [[9 * 60, 17 * 60]] for day in range(5)}
    calendars.revise(key="default", tz=settings.ORG_TIME_ZONE, weekly=week, effective_from=begin)
    for year in range(begin.year, begin.year + 5):
        fiscal.define(fiscal.month_year(year, date(year, 1, 1)))


def catalogues(made: dict[str, User]) -> tuple[dict[str, Product], list[Campaign]]:
    """Create the products, by code, and the campaigns."""
    products = {
        code: create_product(by=made["rita"], values={"name": name, "code": code, "family": family})
        for name, code, family in PRODUCTS
    }
    campaigns = [
        create_campaign(by=made["mark"], values={"name": name, "channel": channel})
        for name, channel in CAMPAIGNS
    ]
    return products, campaigns
