"""Who: people, the pods they work in, and the workspace they share."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from backlog.calendar_days import MONTHS, WEEKDAYS
from backlog.time_zones import is_time_zone


class Workspace(models.Model):
    """The single row of settings that apply to everybody on this installation."""

    class IceFormula(models.TextChoices):
        MEAN = "mean", "Mean of the three (1 to 10)"
        PRODUCT = "product", "Product of the three (1 to 1,000)"

    name = models.CharField(max_length=80, default="Floe")
    ice_formula = models.CharField(
        "ICE formula", max_length=10, choices=IceFormula, default=IceFormula.MEAN
    )
    quarter_start_month = models.PositiveSmallIntegerField(
        "first month of the first quarter", choices=MONTHS, default=1
    )
    first_weekday = models.PositiveSmallIntegerField(
        "first day of the week", choices=WEEKDAYS, default=0
    )
    uses_expected_value = models.BooleanField(default=False, editable=False)
    write_up_days = models.PositiveSmallIntegerField(
        "days to write a post-mortem",
        default=10,
        validators=[
            MinValueValidator(1, "Allow at least 1 day."),
            MaxValueValidator(90, "Allow at most 90 days."),
        ],
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_workspace"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> "Workspace":
        """The row, or its defaults where an installation has not stored it yet."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    @classmethod
    def formula_along(cls) -> Coalesce:
        """The ICE formula as a column of another query, to save a query."""
        row = cls.objects.filter(pk=1).values("ice_formula")
        return Coalesce(models.Subquery(row), models.Value(cls.IceFormula.MEAN.value))


# Every request runs this, so it is written out: 0.12 ms of processor, 1.97 ms where Django builds it.
_WITH_FRAME = """
    SELECT u.*,
        EXISTS (SELECT 1 FROM backlog_notification n WHERE n.to_id = u.id AND n.read_at IS NULL
            AND (n.pod_id IS NULL OR u.role <> 'member' OR EXISTS (SELECT 1
                FROM backlog_membership m WHERE m.user_id = u.id AND m.pod_id = n.pod_id)))
            AS has_news,
        EXISTS (SELECT 1 FROM backlog_notification n WHERE n.to_id = u.id AND n.read_at IS NULL
            AND n.kind = 'mention') AS has_mention,
        EXISTS (SELECT 1 FROM backlog_round_scorers s JOIN backlog_round r ON r.id = s.round_id
            WHERE s.user_id = u.id AND r.state = 'open') AS has_seat
    FROM backlog_user u WHERE u.id = %s
"""


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def working_with(self, user: "User") -> models.QuerySet["User"]:
        """Active people of one's own pods, and those who stand above pods."""
        everybody = self.filter(is_active=True)
        if user.stands_above_pods:
            return everybody
        near = models.Q(memberships__pod__in=list(user.pod_roles))
        return everybody.filter(near | ~models.Q(role=User.Role.MEMBER)).distinct()

    def working_with_pod(self, pod: "Pod | None") -> models.QuerySet["User"]:
        """Active people of this pod and those who stand above pods; everybody active for None."""
        active = self.filter(is_active=True).order_by("name")
        if pod is None:
            return active
        near = models.Q(memberships__pod=pod) | ~models.Q(role=User.Role.MEMBER)
        return active.filter(near).distinct()

    def in_pod(self, person: "User | None", pod: "Pod") -> "User | None":
        """This person if they work with the pod, else None. For roles that are carried over."""
        return person and self.working_with_pod(pod).filter(pk=person.pk).first()

    def with_frame(self, pk: int) -> "User | None":
        """A person with what the frame of every page needs: `has_news` for the bell, and
        `has_seat`."""
        return next(iter(self.raw(_WITH_FRAME, [pk])), None)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in by e-mail; `role` is what they may do in the whole workspace."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        OWNER = "owner", "Programme owner"
        ADMIN = "admin", "Admin"

    class Digest(models.TextChoices):
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "On Mondays"
        OFF = "off", "Never"

    email = models.EmailField(
        unique=True,
        error_messages={"unique": "Somebody already has an account with this e-mail address."},
    )
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    time_zone = models.CharField(max_length=50, default="UTC", validators=[is_time_zone])
    digest = models.CharField("e-mail digest", max_length=6, choices=Digest, default=Digest.DAILY)
    notification_wishes = models.JSONField(default=dict, blank=True, editable=False)
    idea_columns = models.CharField(max_length=500, blank=True, editable=False)
    is_past_first_hour = models.BooleanField(default=False, editable=False)
    is_active = models.BooleanField(default=True)
    session_version = models.PositiveIntegerField(default=0, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index("name", name="user_by_name")]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """The hash that each session of this person must contain. A new password or version ends
        them all.

        Version 0 gives Django's own hash, so that an upgrade signs nobody out.
        """
        if not self.session_version:
            return str(super()._get_session_auth_hash(secret=secret))  # type: ignore[misc]
        value = f"{self.session_version}:{self.password}"
        return salted_hmac("backlog.session", value, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Whether this person may; asks the table in backlog/permissions.py."""
        return self.is_active and any(
            backend.has_perm(self, perm, obj) for backend in get_backends()
        )

    @property
    def may_sign_in(self) -> bool:
        """Sample accounts have a printed password, so they work in DEBUG only."""
        return self.is_active and (settings.DEBUG or not self.is_sample)

    @property
    def stands_above_pods(self) -> bool:
        return self.role in (self.Role.OWNER, self.Role.ADMIN)

    @property
    def initials(self) -> str:
        words = (self.name or self.email).replace("@", " ").split()
        return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()

    @property
    def first_name(self) -> str:
        return str(self).split()[0]

    @cached_property
    def places(self) -> list["Membership"]:
        """Memberships with their pods, by the pods' names. Read once per request."""
        return list(self.memberships.select_related("pod").order_by("pod__name"))

    @property
    def pod_roles(self) -> dict[int, str]:
        """Pod id → role."""
        return {place.pod_id: place.role for place in self.places}


class Duty(models.TextChoices):
    STRATEGY = "strategy", "Strategy"
    EXECUTION = "execution", "Execution"
    ANALYSIS = "analysis", "Analysis"


class PodQuerySet(models.QuerySet["Pod"]):
    def visible_to(self, user: User) -> Self:
        """Pods this person belongs to; all of them for a programme owner or admin."""
        return self if user.stands_above_pods else self.filter(memberships__user=user)

    def led_by(self, user: User) -> Self:
        if user.stands_above_pods:
            return self
        return self.filter(memberships__user=user, memberships__role=Membership.Role.LEAD)

    def worked_in_by(self, user: User) -> Self:
        """Pods where this person may add and score."""
        if user.stands_above_pods:
            return self
        return self.filter(
            memberships__user=user,
            memberships__role__in=(Membership.Role.MEMBER, Membership.Role.LEAD),
        )


class Pod(models.Model):
    """A cross-functional group with one predefined outcome that it optimises."""

    name = models.CharField(
        max_length=60,
        unique=True,
        error_messages={"unique": "There is already a pod with this name."},
    )
    prefix = models.CharField(
        max_length=6,
        unique=True,
        validators=[
            RegexValidator(r"^[A-Z]{2,6}$", "Enter two to six capital letters, such as LIF.")
        ],
        help_text="The start of this pod’s idea keys: LIF gives LIF-121.",
        error_messages={"unique": "Another pod already uses this prefix."},
    )
    outcome = models.CharField(
        max_length=200, blank=True, help_text="The one outcome that this pod works toward."
    )
    # Who scores which dimension: everybody, or the members who have this duty.
    impact_by = models.CharField("Impact", max_length=10, choices=Duty, blank=True)
    confidence_by = models.CharField("Confidence", max_length=10, choices=Duty, blank=True)
    ease_by = models.CharField("Ease", max_length=10, choices=Duty, blank=True)
    progress_limit = models.PositiveSmallIntegerField(
        "limit on ideas in progress",
        null=True,
        blank=True,
        help_text="The most ideas in a round or promoted at once. Leave it empty for no limit.",
    )
    ideas_numbered = models.PositiveIntegerField(default=0, editable=False)
    is_sample = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PodQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def pod(self) -> "Pod":
        """A pod is its own pod, because permissions ask every object for its pod."""
        return self

    def scorers(self) -> models.QuerySet[User]:
        """The people whose scores are asked for: members and leads."""
        return User.objects.filter(
            is_active=True,
            memberships__pod=self,
            memberships__role__in=(Membership.Role.MEMBER, Membership.Role.LEAD),
        ).order_by("name")


class Membership(models.Model):
    """A person in a pod: what they may do, what their duty is, where they come from."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "Viewer"
        MEMBER = "member", "Member"
        LEAD = "lead", "Lead"

    Duty = Duty

    pod = models.ForeignKey(Pod, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    duty = models.CharField(max_length=10, choices=Duty, default=Duty.EXECUTION)
    department = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("user__name",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["pod", "user"],
                name="one_membership_a_pod",
                violation_error_message="This person is already in the pod.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.pod}"
