"""What somebody with the database at hand could do to a version in force."""

from django.db import connection

from revops.kernel.policies import store


def damage(pk: int, body: str) -> None:
    """Write a body into a version past every check, and past the trigger."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE policies_policyversion DISABLE TRIGGER policy_version_never_changes")
        else:
            cursor.execute("DROP TRIGGER policy_version_never_changes")
        cursor.execute("UPDATE policies_policyversion SET body = %s WHERE id = %s", [body, pk])
    store.forget()
