"""The user model alone, so that every actor can be a foreign key downward."""

from typing import Any, ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from revops.kernel.guard import GovernedModel, GovernedQuerySet

# The service user of migration 0002: it acts where no person does, and nobody can sign in as it.
SYSTEM_EMAIL = "system@revops.invalid"


class UserManager(BaseUserManager["User"]):
    """Finds people by their address; creating one is `people.actions.create_user`."""

    def get_queryset(self) -> GovernedQuerySet:
        return GovernedQuerySet(self.model, using=self._db)

    def get_by_natural_key(self, username: str | None) -> "User":
        found: User = self.get(email__iexact=username)
        return found

    def system(self) -> "User":
        """Return the service user that acts where no person does."""
        found: User = self.get(email=SYSTEM_EMAIL)
        return found


class UserKind(models.TextChoices):
    PERSON = "person", "Person"
    SERVICE = "service", "Service"


class User(AbstractBaseUser, GovernedModel):
    """Whoever can act: a person who signs in, or a service that holds a token.

    Roles, teams and reporting lines are effective-dated rows of `people`. What the Django admin asks
    (`has_perm`, `is_staff`) is answered by the access matrix through the authentication backends.
    """

    PERSONAL = frozenset({"email", "name"})
    UNGOVERNED = frozenset({"password", "last_login"})

    email = models.EmailField("e-mail address", max_length=254)
    name = models.CharField("name", max_length=120)
    kind = models.CharField(max_length=8, choices=UserKind, default=UserKind.PERSON)
    is_active = models.BooleanField("active", default=True)

    objects: ClassVar[Any] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        base_manager_name = "objects"
        default_manager_name = "objects"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin lets this person in: anybody who holds a permission in it."""
        return self.is_active and self.has_module_perms("admin")

    @property
    def is_superuser(self) -> bool:
        """Nobody is above the access matrix."""
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Ask the access matrix for a Django permission name such as `clocks.change_fiscalperiod`."""
        return self.is_active and any(
            backend.has_perm(self, perm, obj) for backend in get_backends() if hasattr(backend, "has_perm")
        )

    def has_perms(self, perms: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(
            backend.has_module_perms(self, app_label)
            for backend in get_backends()
            if hasattr(backend, "has_module_perms")
        )
