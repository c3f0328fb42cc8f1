"""Reads of the glossary and of the object definitions in force, with since when and on whose authority they hold."""

from dataclasses import dataclass
from datetime import datetime

from governance.policies import glossary, objects
from governance.policies.glossary import Glossary, Term
from governance.policies.objects import LifecycleStage, ObjectDefinition, Objects, SystemOfRecord
from revops.kernel import policies
from revops.kernel.policies.models import PolicyVersion
from revops.kernel.policies.resolving import InForce


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when a version holds, and on whose authority; `since` is None for what is shipped."""

    key: str
    n: int
    authority: str
    since: datetime | None
    draft_url: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions in which every word asked for stands."""

    objects: tuple[ObjectDefinition, ...]
    lifecycle: tuple[LifecycleStage, ...]
    systems: tuple[SystemOfRecord, ...]


def standing(policy: InForce) -> Standing:
    """Return since when a version holds and on whose authority, in one query at most."""
    since = None
    if policy.version_id is not None:
        rows = PolicyVersion.objects.filter(pk=policy.version_id)
        since = rows.values_list("effective_from", flat=True).first()
    authority = policy.authority or "shipped with the product"
    return Standing(policy.key, policy.n, authority, since, f"/rules/{policy.key}/draft/")


def terms(text: str = "", at: datetime | None = None) -> tuple[InForce, list[Term]]:
    """Return the glossary in force and its terms by name, those in which every word of `text` stands."""
    policy = policies.get_sound(glossary.KEY, None, at)
    body = policy.body
    if not isinstance(body, Glossary):
        raise TypeError(f"{policy.key} holds no glossary.")
    found = [one for one in body.terms if _holds(text, one.term, one.definition, *one.avoid)]
    return policy, sorted(found, key=lambda one: one.term.casefold())


def definitions(text: str = "", at: datetime | None = None) -> tuple[InForce, Definitions]:
    """Return the definitions in force, those in which every word of `text` stands; the lifecycle in its order."""
    policy = policies.get_sound(objects.KEY, None, at)
    body = policy.body
    if not isinstance(body, Objects):
        raise TypeError(f"{policy.key} holds no definitions.")
    return policy, Definitions(
        tuple(one for one in body.objects if _holds(text, *_words(one))),
        tuple(one for one in body.lifecycle if _holds(text, *_words(one))),
        tuple(one for one in body.systems if _holds(text, *_words(one))),
    )


def _words(one: ObjectDefinition | LifecycleStage | SystemOfRecord) -> list[str]:
    return [str(value) for value in one.model_dump().values()]


def _holds(text: str, *parts: str) -> bool:
    """Say whether every word asked for stands in what is read; nothing asked for stands everywhere."""
    held = " ".join(parts).casefold()
    return all(word in held for word in text.casefold().split())
