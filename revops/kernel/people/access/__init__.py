"""Who sees and who writes what: one vocabulary, one matrix, one queryset, one object check."""

from revops.kernel.people.access.checks import (
    Forbidden,
    allowed,
    editable,
    may_ever,
    readable,
    require,
    require_create,
    require_edit,
)
from revops.kernel.people.access.matrix import dump, rights, roles_of
from revops.kernel.people.access.scoping import ScopedQuerySet, in_scope
from revops.kernel.people.access.vocabulary import (
    Edit,
    Grant,
    Keys,
    Scope,
    declarations,
    declare,
    declare_set_up,
    edit,
    set_up_tables,
)

__all__ = [
    "Edit",
    "Forbidden",
    "Grant",
    "Keys",
    "Scope",
    "ScopedQuerySet",
    "allowed",
    "declarations",
    "declare",
    "declare_set_up",
    "dump",
    "edit",
    "editable",
    "in_scope",
    "may_ever",
    "readable",
    "require",
    "require_create",
    "require_edit",
    "rights",
    "roles_of",
    "set_up_tables",
]
