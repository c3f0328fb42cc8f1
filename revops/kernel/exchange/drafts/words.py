"""Words of a file that are none of our choices: asked for once, remembered with the mapping."""

from collections.abc import Iterator, Mapping

from revops.kernel.audit import Blocked, Finding
from revops.kernel.exchange.drafts import deciding, layout, order
from revops.kernel.exchange.drafts.models import ImportDraft
from revops.kernel.exchange.drafts.shapes import Choice, UnlistedValue
from revops.kernel.exchange.findings import shown
from revops.kernel.identity.models import User
from revops.kernel.records import registry
from revops.kernel.records.registry import Field, FieldKind


def unlisted(draft: ImportDraft) -> list[UnlistedValue]:
    """Return the words of mapped choice columns that nothing translates, and those that were answered."""
    importer = order.importer_of(draft.object)
    if importer is None or "columns" not in draft.seen:
        return []
    kind, by_place = registry.get(importer.record_type), {one["place"]: one for one in draft.seen["columns"]}
    found: list[UnlistedValue] = []
    for entry in draft.columns:
        target, seen = kind.by_name.get(entry["field"]), by_place.get(entry["place"])
        if target is not None and target.kind == FieldKind.CHOICE and seen is not None:
            found += _of_column(draft, target, seen["header"], seen["words"] or {})
    return found


def _of_column(
    draft: ImportDraft, target: Field, header: str, words: Mapping[str, int]
) -> Iterator[UnlistedValue]:
    answered = draft.values.get(target.name, {})
    folded = {word.casefold(): choice for word, choice in answered.items()}
    ready = layout.ready_column(layout.base_of(draft), target.name, header)
    translated = {word.casefold() for word in (ready.values if ready is not None else ())}
    listed = {text.casefold() for code, label in target.choices for text in (code, str(label))}
    choices = [Choice(code, str(label)) for code, label in target.choices]
    for word, count in words.items():
        text = word.casefold()
        if text in folded or text not in translated | listed:
            yield UnlistedValue(
                target.name, str(target.label), header, word, count, folded.get(text, ""), choices
            )


def put(*, by: User, pk: int, values: Mapping[str, Mapping[str, str]]) -> ImportDraft:
    """Say what words mean; "" takes it back. Raises Blocked with every misfit."""
    with deciding.decision(by, pk) as draft:
        kind = registry.get(layout.importer_of(draft).record_type)
        found: list[Finding] = []
        for name, words in values.items():
            target = kind.by_name.get(name)
            if target is None or target.kind != FieldKind.CHOICE:
                found.append(_misfit(name, name, "a field with choices"))
                continue
            codes = {code for code, _ in target.choices}
            for word, choice in words.items():
                if choice and choice not in codes:
                    found.append(
                        _misfit(f"{name}.{shown(word)}", choice, "one of " + ", ".join(sorted(codes)))
                    )
        if found:
            raise Blocked(found)
        for name, words in values.items():
            held = {**draft.values.get(name, {}), **words}
            draft.values = {**draft.values, name: {word: choice for word, choice in held.items() if choice}}
        return draft


def _misfit(name: str, given: object, needed: str) -> Finding:
    message = f"{shown(name)}: {shown(given)!r} does not fit. Give {needed}."
    return Finding("IMP-025", message, field=name, found=shown(given), needed=needed)
