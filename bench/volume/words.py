"""The search words of filled tables, made by the database from what the record types declare."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps

from revops.kernel.records import registry

# What separates words in the texts that the stand makes.
_BREAKS = ".-@_,&/+"


def statements(label: str) -> Iterator[str]:
    """Yield the statements that write the words of every record of one type. A source that is no column is left out."""
    record_type = registry.get(label)
    for source in record_type.search:
        model: Any = apps.get_model(source.model)
        columns = {field.attname: field.column for field in model._meta.concrete_fields} | {"pk": "id"}
        if not {*source.fields, source.record_id, source.only or "pk"} <= columns.keys():
            continue
        text = ", ".join(columns[name] for name in source.fields)
        only = f" WHERE {columns[source.only]}" if source.only else ""
        split = f"string_to_array(translate(lower(concat_ws(' ', {text})), '{_BREAKS}', '{' ' * len(_BREAKS)}'), ' ')"
        yield (
            "INSERT INTO records_searchword (record_type, record_id, source_type, source_id, word)"
            f" SELECT '{label}', {columns[source.record_id]}, '{source.model}', id, word"
            f" FROM {model._meta.db_table}, LATERAL (SELECT DISTINCT unnest({split}) AS word) words"
            f"{only}{' AND' if only else ' WHERE'} word <> ''"
        )
        for name in source.numbers:
            digits = f"ltrim(regexp_replace({columns[name]}, '[^0-9]', '', 'g'), '0')"
            yield (
                "INSERT INTO records_searchword (record_type, record_id, source_type, source_id, word)"
                f" SELECT '{label}', {columns[source.record_id]}, '{source.model}', id, '~' || reverse({digits})"
                f" FROM {model._meta.db_table} WHERE length({digits}) >= 7"
            )
