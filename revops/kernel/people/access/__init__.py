"""Who sees and who writes what: one vocabulary, one matrix, one queryset, one object check."""

from revops.kernel.people.access.checks import (
    Forbidden,
    allowed,
    allowed_of,
    editable,
    editable_of,
    may_ever,
    no_action,
    no_edit,
    readable,
    require,
    require_create,
    require_edit,
)
from revops.kernel.people.access.matrix import dump, rights, roles_of
from revops.kernel.people.access.remembering import remembered
from revops.kernel.people.access.scoping import ScopedQuerySet, in_scope, note_seen
from revops.kernel.people.access.viewers import Viewer, viewers
from revops.kernel.people.access.vocabulary import (
    Also,
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
    "Also",
    "Edit",
    "Forbidden",
    "Grant",
    "Keys",
    "Scope",
    "ScopedQuerySet",
    "Viewer",
    "allowed",
    "allowed_of",
    "declarations",
    "declare",
    "declare_set_up",
    "dump",
    "edit",
    "editable",
    "editable_of",
    "in_scope",
    "may_ever",
    "no_action",
    "no_edit",
    "note_seen",
    "readable",
    "remembered",
    "require",
    "require_create",
    "require_edit",
    "rights",
    "roles_of",
    "set_up_tables",
    "viewers",
]
