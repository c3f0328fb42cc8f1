"""People and their organisation in the Django admin: every button is one action."""

from revops.kernel.people.admin import organisation, persons  # noqa: F401
