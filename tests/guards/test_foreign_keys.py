"""Foreign keys point down, protect what they point at, and governed links have explicit through models."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth import get_user_model
from django.db import models
from django.test.utils import isolate_apps
from simple_history.models import HistoricalChanges

from revops.kernel.guard import GovernedModel
from tests.guards.house import DOMAIN_LAYERS

KERNEL = (
    "identity",
    "clocks",
    "audit",
    "outbox",
    "people",
    "policies",
    "sla",
    "gates",
    "approvals",
    "packets",
    "notifications",
    "metrics",
    "records",
    "exchange",
)
# Lowest first; a tuple holds siblings, which do not know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    *((f"revops.kernel.{name}",) for name in KERNEL),
    ("revops.web", "revops.api"),
    *DOMAIN_LAYERS,
    ("revops.demo",),
)
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}


@dataclass(frozen=True)
class Arrow:
    """One relation between two models, as far as the rules care."""

    name: str
    source: str  # the app of the model that declares it
    target: str
    on_delete: str = ""  # empty for many to many
    many: bool = False
    from_governed: bool = False
    from_history: bool = False
    to_protected: bool = False  # a governed record or an actor
    own_through: bool = True  # many to many: the table between is a model that somebody wrote


def app_of(model: type[models.Model]) -> str:
    return model._meta.app_config.name if model._meta.app_config else model._meta.app_label


def is_governed(model: type[models.Model]) -> bool:
    return issubclass(model, GovernedModel)


def arrows(registry: Apps) -> Iterator[Arrow]:
    """Yield every relation that a model of ours declares; what third parties declare is theirs."""
    for model in registry.get_models(include_auto_created=True):
        if app_of(model) not in HEIGHT or model._meta.auto_created:
            continue
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            if field.remote_field is None:
                continue
            target = field.remote_field.model
            through = getattr(field.remote_field, "through", None)
            yield Arrow(
                name=f"{model._meta.label}.{field.name}",
                source=app_of(model),
                target=app_of(target),
                on_delete=getattr(getattr(field.remote_field, "on_delete", None), "__name__", ""),
                many=field.many_to_many,
                from_governed=is_governed(model),
                from_history=issubclass(model, HistoricalChanges),
                to_protected=is_governed(target) or issubclass(target, get_user_model()),
                own_through=through is None or not through._meta.auto_created,
            )


def findings(graph: Iterable[Arrow]) -> list[str]:
    return [
        f"{arrow.name} {finding}" for arrow in graph for finding in (*direction(arrow), *protection(arrow))
    ]


def direction(arrow: Arrow) -> Iterator[str]:
    if arrow.target not in HEIGHT or arrow.source == arrow.target:
        return
    if HEIGHT[arrow.target] > HEIGHT[arrow.source]:
        yield f"points up, from {arrow.source} to {arrow.target}"
    elif HEIGHT[arrow.target] == HEIGHT[arrow.source]:
        yield f"points to a sibling, from {arrow.source} to {arrow.target}"


def protection(arrow: Arrow) -> Iterator[str]:
    allowed = {"PROTECT", "DO_NOTHING"} if arrow.from_history else {"PROTECT"}
    if arrow.to_protected and not arrow.many and arrow.on_delete not in allowed:
        yield f"is {arrow.on_delete}; a governed record or an actor is PROTECTed"
    if arrow.many and (arrow.from_governed or arrow.to_protected) and not arrow.own_through:
        yield "has an automatic table between; a governed link has a through model"


def test_relations_point_down_and_protect():
    graph = list(arrows(apps))
    assert graph
    assert findings(graph) == []


def test_every_app_of_ours_has_its_height():
    """An app that is missing from LAYERS would be outside the rule."""
    ours = {
        config.name for config in apps.get_app_configs() if (config.name.split(".")[0] in {"revops", *HEIGHT})
    }
    assert ours <= set(HEIGHT)


DOWN = Arrow("accounts.Account.owner", "accounts", "revops.kernel.identity", "PROTECT", to_protected=True)
LINK = Arrow("accounts.Account.tags", "accounts", "accounts", many=True, from_governed=True)


@pytest.mark.parametrize(
    "arrow",
    [
        DOWN,
        LINK,
        replace(DOWN, from_history=True, on_delete="DO_NOTHING"),
        replace(DOWN, to_protected=False, on_delete="CASCADE"),
        replace(DOWN, target="django.contrib.contenttypes"),
        replace(LINK, from_governed=False, own_through=False),
    ],
)
def test_sound_relation_passes(arrow):
    assert findings([arrow]) == []


@pytest.mark.control
@pytest.mark.parametrize(
    ("arrow", "finding"),
    [
        (replace(DOWN, source="revops.kernel.identity", target="accounts"), "points up"),
        (replace(DOWN, source="revops.kernel.audit", target="revops.kernel.people"), "points up"),
        (replace(DOWN, source="accounts", target="opportunities"), "points up"),
        (replace(DOWN, source="quotes", target="marketing"), "points to a sibling"),
        (replace(DOWN, source="revops.web", target="revops.api"), "points to a sibling"),
        (replace(DOWN, on_delete="CASCADE"), "is CASCADE"),
        (replace(DOWN, on_delete="SET_NULL"), "is SET_NULL"),
        (replace(DOWN, on_delete="DO_NOTHING"), "is DO_NOTHING"),
        (replace(DOWN, on_delete="CASCADE", from_history=True), "is CASCADE"),
        (replace(LINK, own_through=False), "automatic table"),
    ],
)
def test_unsound_relation_is_caught(arrow, finding):
    found = findings([arrow])
    assert len(found) == 1
    assert finding in found[0]


@pytest.mark.control
def test_walk_reads_string_references_and_automatic_tables():
    """The walk reads models as Django does: a relation given as a string is a relation."""
    with isolate_apps("revops.kernel.identity", "accounts") as registry:

        class Customer(GovernedModel):
            class Meta:
                app_label = "accounts"

        class Favourite(models.Model):
            customer = models.ForeignKey("accounts.Customer", on_delete=models.CASCADE)
            others = models.ManyToManyField(Customer, related_name="+")

            class Meta:
                app_label = "identity"

        assert findings(arrows(registry)) == [
            "identity.Favourite.customer points up, from revops.kernel.identity to accounts",
            "identity.Favourite.customer is CASCADE; a governed record or an actor is PROTECTed",
            "identity.Favourite.others points up, from revops.kernel.identity to accounts",
            "identity.Favourite.others has an automatic table between; a governed link has a through model",
        ]
