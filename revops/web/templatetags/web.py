"""Component tags: each draws one shared piece."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from revops.kernel.people import access
from revops.web import cells, formatting, icons, mentions, properties, refusals, settings_pages

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    """Draw the outline icon `name`."""
    return icons.icon(str(name), size)


@register.inclusion_tag("components/input.html")
def input_field(field: Any, autofocus: bool = False) -> dict[str, Any]:
    """Draw one `inputs.Input` with label, help and findings."""
    return {"input": field, "autofocus": autofocus}


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: Any) -> dict[str, Any]:
    """Draw the fields of a Django form (the sign-in pages) like every other field."""
    return {"form": form}


@register.inclusion_tag("components/refusal.html")
def refusal(shown: Any) -> dict[str, Any]:
    """Draw a refusal: title, every reason, who may excuse it, a button for each remedy."""
    return {"refusal": shown}


@register.simple_tag
def open_columns(record_type: Any, user: Any) -> str:
    """Return the columns that `user` may change on some records of the type; whether on this one says its action."""
    held = access.rights(user, record_type.label)
    names = {name for edit in held.edits for name in edit.fields} & properties.stored(record_type)
    return ",".join(sorted(names))


@register.filter
def excusers(finding: Any) -> str:
    """Return who may excuse a finding."""
    return refusals.excusers(finding)


@register.filter
def person_mark(user: Any) -> SafeString:
    """Draw the round mark of a person."""
    return cells.mark(user.pk, user.name)


@register.filter(name="mentions")
def named(text: Any) -> SafeString:
    """Draw a text with a pill for everybody named in it."""
    return mentions.draw(str(text))


@register.filter
def day(value: Any) -> str:
    """Return a date as the reader writes dates; of an instant its day in their zone."""
    return formatting.day(value) if value else ""


@register.filter
def number(value: Any) -> str:
    """Return a whole number as the reader writes numbers."""
    return formatting.number(value)


@register.filter
def ago(moment: Any) -> str:
    """Return how long ago something was."""
    return formatting.relative(moment)


@register.filter
def moment(value: Any, zone: Any) -> SafeString:
    """Draw a time of day in `zone`, with the whole date and how long ago it was beside it."""
    return cells.moment(value, zone)


@register.inclusion_tag("settings/navigation.html", takes_context=True)
def settings_navigation(context: Any) -> dict[str, Any]:
    """Draw the sub-navigation of one's own settings."""
    return {"pages": settings_pages.pages(), "here": settings_pages.current(context["request"].path)}
