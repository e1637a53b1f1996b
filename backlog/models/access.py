"""Ways in: invitations by link and tokens for the API. Secrets are stored as hashes only."""

import datetime as dt
import hashlib
import secrets
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from backlog.models.people import Membership, Pod, User
from backlog.models.texts import Text
from backlog.models.visibility import SeenInPods


def digest_of(secret: str) -> str:
    """SHA-256 in hex; the secrets are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(prefix: str) -> str:
    return prefix + secrets.token_urlsafe(32)


class InvitationQuerySet(SeenInPods["Invitation"]):
    def open(self) -> Self:
        """Neither used nor withdrawn, whether expired or not."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def usable(self) -> Self:
        return self.open().filter(expires_at__gt=timezone.now())

    def overtaken(self) -> Self:
        """Would still be usable, but the person joined through another one."""
        open_ones = self.filter(accepted_at=None, accepted_by__is_active=True)
        return open_ones.filter(withdrawn_at__isnull=False, expires_at__gt=timezone.now())

    def opened_by(self, secret: str) -> "Invitation | None":
        return self.usable().filter(digest=digest_of(secret)).first()


class Invitation(models.Model):
    """A link that lets one person in, with the roles that it names, until it expires.

    `accepted_by` without `accepted_at` is the person who joined through another invitation of the
    address.
    """

    email = models.EmailField()
    digest = models.CharField(max_length=64, unique=True, editable=False)
    pod = models.ForeignKey(Pod, models.CASCADE, null=True, blank=True, related_name="invitations")
    pod_role = models.CharField(
        max_length=10, choices=Membership.Role, default=Membership.Role.MEMBER
    )
    role = models.CharField(max_length=10, choices=User.Role, default=User.Role.MEMBER)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["email", "pod"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_a_pod",
                violation_error_message="This person is already invited to the pod.",
            ),
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at=None, withdrawn_at=None, pod=None),
                name="one_open_invitation_without_a_pod",
                violation_error_message="This person is already invited.",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation for {self.email}"

    @property
    def is_over(self) -> bool:
        return self.expires_at <= timezone.now()


class KeptAnswer(models.Model):
    """The result of a write, for a repeated request: by key for the API, by form for pages."""

    KEPT_FOR = dt.timedelta(hours=24)

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    # JSON as text: PostgreSQL's jsonb would put the keys of an answer into another order.
    body = Text(max_length=1_000_000, default="{}")
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.user}"

    @property
    def is_over(self) -> bool:
        return self.kept_at < timezone.now() - self.KEPT_FOR


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class ApiToken(models.Model):
    """A named API token that acts as its person. It can only read unless its scope is write."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    hint = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_on = models.DateField(null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=models.Q(revoked_at=None),
                name="one_token_a_name",
                violation_error_message="You already have a token with this name.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @property
    def is_usable(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class Tries(models.Model):
    """How often somebody tried to sign in: the table of the database cache. Nothing else reads
    it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = Text(max_length=50_000)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "backlog_tries"

    def __str__(self) -> str:
        return self.cache_key
