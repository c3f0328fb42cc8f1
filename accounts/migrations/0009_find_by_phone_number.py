"""Accounts, leads and contacts that were there before are found by their phone numbers, from behind."""

import re
from typing import Any

from django.db import migrations

BATCH = 5_000
FEWEST = 7
# (record type, model, where the id of the record stands, the numbers)
_SOURCES = (
    ("accounts.account", "Account", "pk", ("phone",)),
    ("accounts.lead", "Lead", "pk", ("phone", "mobile_phone")),
    ("accounts.contact", "ContactPhone", "contact_id", ("number",)),
)
_EXTENSION = re.compile(r"\s*(?:ext\.?|x|#)\s*\d{1,6}$", re.IGNORECASE | re.ASCII)


def word_of(text: str) -> str:
    """Return the word that finds this number, as the index of words writes it; empty for too few digits."""
    bare = _EXTENSION.sub("", text.strip()).replace("(0)", "")
    digits = "".join(re.findall(r"\d", bare, re.ASCII)).lstrip("0")
    return f"~{digits[::-1]}"[:80] if len(digits) >= FEWEST else ""


def add_words(apps: Any, schema_editor: Any) -> None:
    """Add the missing words, a batch a statement; words that are there are not added again."""
    search_word = apps.get_model("records", "SearchWord")
    for label, name, record_id, columns in _SOURCES:
        numbered = _with_numbers(apps.get_model("accounts", name), columns).order_by("pk")
        last = 0
        while rows := list(numbered.filter(pk__gt=last).values_list("pk", record_id, *columns)[:BATCH]):
            last = rows[-1][0]
            held = set(
                search_word.objects.filter(
                    record_type=label,
                    word__gte="~",
                    word__lt="~\U0010ffff",
                    record_id__in=[record for _, record, *_ in rows],
                ).values_list("source_id", "word")
            )
            search_word.objects.bulk_create(
                search_word(
                    record_type=label,
                    record_id=record,
                    source_type=f"accounts.{name.lower()}",
                    source_id=source,
                    word=word,
                )
                for source, record, *numbers in rows
                for word in dict.fromkeys(map(word_of, numbers))
                if word and (source, word) not in held
            )


def _with_numbers(model: Any, columns: tuple[str, ...]) -> Any:
    """Return the rows that have a number, of contacts those by which they may be found."""
    if model._meta.model_name == "contactphone":
        return model.objects.filter(is_active=True).exclude(kind="personal")
    without = dict.fromkeys(columns, "")
    return model.objects.exclude(**without)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0008_owners_have_teams"),
        ("records", "0004_favourites_visits_and_choices"),
    ]

    operations = [migrations.RunPython(add_words, migrations.RunPython.noop)]
