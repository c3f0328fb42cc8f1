"""How somebody likes the pages, as the pages ask it (`kernel.people.preferences`)."""

from revops.kernel.people.preferences import (
    DEFAULT,
    DENSITIES,
    LOCALES,
    PAGE_SIZES,
    THEMES,
    Preferences,
    of,
    save,
    zones,
)

__all__ = ["DEFAULT", "DENSITIES", "LOCALES", "PAGE_SIZES", "THEMES", "Preferences", "of", "save", "zones"]
