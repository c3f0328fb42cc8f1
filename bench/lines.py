"""One line of the results: a figure beside its target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """`figure` is what was found, `target` what was wanted (empty: for information), `detail` what it is made of."""

    section: str
    title: str
    figure: str
    target: str = ""
    met: bool | None = None
    detail: str = ""


def at_most(section: str, title: str, figure: float, most: float, detail: str) -> Line:
    """Return the line of a ratio that must not exceed `most`."""
    return Line(section, title, f"{figure:.2f} ×", f"≤ {most:g} ×", figure <= most, detail)


def at_least(section: str, title: str, figure: float, least: float, detail: str) -> Line:
    """Return the line of a rate that must reach `least`."""
    return Line(section, title, f"{figure:,.0f}/s", f"≥ {least:,.0f}/s", figure >= least, detail)


def told(section: str, title: str, figure: str, detail: str = "") -> Line:
    """Return a line without a target."""
    return Line(section, title, figure, detail=detail)
