"""The access rows of the API's own records: everybody holds tokens of their own, ADMIN sees and revokes all."""

from revops.kernel.people.access import Grant, Keys, Scope, declare
from revops.kernel.people.enums import Role

_TOKEN = {"name", "scope", "prefix", "user", "expires_at", "revoked_at", "last_used_on", "created_at"}
_GIVEN = frozenset({"name", "scope", "expires_at"})

declare(
    "api.apitoken",
    fields=_TOKEN,
    keys=Keys(person="user_id"),
    grants={
        " ".join(role for role in Role.values if role != Role.ADMIN): Grant(
            view=Scope.OWN, create=_GIVEN, actions={"revoke": Scope.OWN}
        ),
        "ADMIN": Grant(view=Scope.ALL, create=_GIVEN | {"user"}, actions={"revoke": Scope.ALL}),
    },
)
