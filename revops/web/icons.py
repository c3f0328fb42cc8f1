"""Icons inline: each is drawn once a process and kept as finished markup."""

from functools import cache

import tablericons
from django.utils.safestring import SafeString, mark_safe


@cache
def icon(name: str, size: int = 16) -> SafeString:
    """Return the outline icon `name` as SVG, hidden from screen readers: its control carries the words."""
    drawn = tablericons._render_icon(
        f"outline/{name}", size, stroke_width="1.75", aria_hidden="true", focusable="false"
    )
    return mark_safe(" ".join(drawn.split()).replace("> <", "><"))  # noqa: S308  the package's own drawing
