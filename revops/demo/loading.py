"""Load the demo company through the actions, once, the same every time."""

from collections.abc import Mapping
from datetime import timedelta

from opportunities.models import UseCase
from revops.demo import (
    chapters,
    evidence_rules,
    evidencing,
    excusing,
    forecasting,
    governing,
    inspecting,
    many,
    marks,
    organisation,
    packing,
    qualifying,
    silence,
    stepping,
    talk,
    tasks,
    views,
)
from revops.demo.diary import Diary
from revops.demo.plan.companies import DAYS
from revops.kernel import clocks, sla
from revops.kernel.identity.models import User
from revops.kernel.records import registry


def is_loaded() -> bool:
    """Say whether the demo company is here already (or somebody else's company is)."""
    return bool(User.objects.filter(kind="person").exists())


def load() -> Mapping[str, int]:
    """Write people, catalogues and two years of business; return how many records of each kind there are now."""
    # The plan ends at the last 14:00 UTC, so that nothing of it lies ahead.
    latest = clocks.now() - timedelta(days=DAYS, hours=14)
    begin = latest.replace(hour=14, minute=0, second=0, microsecond=0)
    with clocks.at(begin):
        people = organisation.people()
        organisation.keep_calendars(begin)
        organisation.adopt_policies(people)
        evidence_rules.begin(people)
        territories = organisation.territories(people)
        products, campaigns = organisation.catalogues(people)
    use_cases = dict(UseCase.objects.values_list("code", "pk"))
    diary = Diary(begin, people, products, campaigns, use_cases, territories)
    chapters.write(diary)
    talk.write(diary)
    tasks.write(diary)
    packing.write(diary)
    evidencing.write(diary)
    qualifying.write(diary)
    stepping.write(diary)
    silence.write(diary)
    governing.write(diary)
    evidence_rules.write(diary)
    excusing.write(diary)
    forecasting.write(diary)
    inspecting.write(diary)
    diary.live()
    sla.poll()
    views.keep(people)
    marks.keep(people)
    many.change(people)
    return {kind.plural.lower(): kind.model.objects.count() for kind in registry.every()}
