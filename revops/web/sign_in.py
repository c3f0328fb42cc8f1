"""Sign-in belongs to allauth; people are created by an administrator, never by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class NoSignUp(DefaultAccountAdapter):
    """Closes the sign-up; writes a password as what it is: bookkeeping, not part of the governed record."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False

    def authenticate(self, request: Any, **credentials: Any) -> Any:
        """Name the address in the way the lock-out counts by it; otherwise it would count a whole office as one."""
        return super().authenticate(
            request, login=str(credentials.get("email", "")).strip().lower(), **credentials
        )

    def set_password(self, user: Any, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])
