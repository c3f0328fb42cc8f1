"""People named in a text as the pages draw them: a pill with the name, everything else escaped."""

from html import escape

from django.utils.safestring import SafeString, mark_safe

from revops.kernel.records import mentions


def draw(text: str) -> SafeString:
    """Return a text as markup, with a pill for everybody named in it."""
    pieces = (
        f'<span class="mention">@{escape(part.text)}</span>' if part.person is not None else escape(part.text)
        for part in mentions.parts(text)
    )
    return mark_safe("".join(pieces))  # noqa: S308  every piece is escaped
