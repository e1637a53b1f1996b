"""Floe's settings, read top to bottom. Every variable is described in docs/operations.md.

With nothing set this is the embedded edition: SQLite, a broker in the file system, files under var/.
"""

import os
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF

from config.secret import secret_kept_in

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where things are kept -------------------------------------------------------------------
os.umask(0o077)  # database, uploads and keys are for the account alone that runs Floe
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or secret_kept_in(VAR_DIR / "secret_key")
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
IS_HTTPS = SITE_URL.startswith("https://")

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "backlog",
    "experiments",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_filters",
    "template_partials",
    "lucide",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "backlog.ways_in.way_in_middleware",
    "backlog.errors.ErrorPagesMiddleware",
    "backlog.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backlog.known_browsers.KnownBrowserMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backlog.htmx.HtmxRedirectMiddleware",
    "backlog.middleware.LocalTimeMiddleware",
    "backlog.middleware.PrivatePagesMiddleware",
    "backlog.odd_text.WholeTextMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backlog.shell.shell",
            ],
            "builtins": [
                "django.templatetags.static",
                "lucide.templatetags.lucide",
                "template_partials.templatetags.partials",
                "backlog.templatetags.floe",
            ],
        },
    }
]
FORM_RENDERER = "backlog.forms.rendering.FloeFormRenderer"

# --- Database --------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'floe.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Opening the file and its pragmas for every request costs more than most requests' queries.
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    # Tried with eight writers: none of 14,400 transactions met a locked database.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            f"PRAGMA synchronous={env.str('SQLITE_SYNCHRONOUS', default='NORMAL')};"
            "PRAGMA cache_size=-20000;PRAGMA mmap_size=134217728;"
            "PRAGMA journal_size_limit=67108864;PRAGMA temp_store=MEMORY;"
        ),
    }
else:
    DATABASES["default"]["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 8}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Celery ----------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="embedded://localhost//")
if CELERY_BROKER_URL.startswith(("embedded:", "filesystem:")):  # the latter is its former name
    CELERY_BROKER_URL = "embedded://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "file": str(VAR_DIR / "broker" / "queue.sqlite3"),
        "polling_interval": 0.5,
    }
    # Its file is read twice a second for each queue: one queue, then, and no remote control.
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
# A request that has committed does not wait for a broker that is away; the sweeps find the work.
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "config.clock:Clock"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "clock.json")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "backlog.flows.clockwork.heartbeat", "schedule": 20.0},
    "ranges-that-are-due": {
        "task": "backlog.flows.ranking.rank_what_changed",
        "schedule": 60.0,
    },
    "rounds-at-their-deadline": {
        "task": "backlog.flows.scoring.deadlines.reveal_what_is_due",
        "schedule": 60.0,
    },
    "reminders-before-deadlines": {
        "task": "backlog.flows.scoring.deadlines.remind_before_deadlines",
        "schedule": 300.0,
    },
    "mail-that-waits": {"task": "backlog.flows.outbox.send_what_waits", "schedule": 60.0},
    "digests": {
        "task": "backlog.flows.digests.write_digests",
        "schedule": crontab(hour=6, minute=0),
    },
    "wake-snoozed-ideas": {"task": "backlog.flows.clockwork.wake_ideas", "schedule": 3600.0},
    "databases-whose-hour-has-come": {
        "task": "experiments.flows.connecting.bring_in_due",
        "schedule": 600.0,
    },
    "count-values": {
        "task": "backlog.flows.clockwork.count_values",
        "schedule": crontab(hour=3, minute=30),
    },
    "import-what-was-left": {
        "task": "backlog.flows.imports.working.work_on_left_behind",
        "schedule": 60.0,
    },
    "sweep-uploads": {"task": "backlog.flows.sweeping.sweep_uploads", "schedule": 3600.0},
    "remind-of-post-mortems": {
        "task": "experiments.flows.writing_up_opening.remind_of_post_mortems",
        "schedule": crontab(hour=7, minute=10),
    },
    "read-what-runs-again": {
        "task": "experiments.flows.nightly.read_again",
        "schedule": crontab(hour=0, minute=20),
    },
    "alarms-of-what-runs": {
        "task": "experiments.flows.nightly.check_running",
        "schedule": crontab(minute=50),
    },
    "warning-signs": {
        "task": "experiments.flows.health.signs.look_for_signs",
        "schedule": crontab(minute=25),
    },
    "expected-values": {
        "task": "experiments.flows.health.valuing.read_claims_again",
        "schedule": crontab(minute=35),
    },
    "value-what-was-left": {
        "task": "experiments.flows.health.valuing.value_new_ideas",
        "schedule": 300.0,
    },
    "read-what-was-left": {
        "task": "experiments.flows.reading_files.read_left_behind",
        "schedule": 60.0,
    },
    "solve-what-was-left": {
        "task": "experiments.flows.quarter.scenarios.solve_left_behind",
        "schedule": 60.0,
    },
    "analyse-what-was-left": {
        "task": "experiments.flows.analysing.analyse_left_behind",
        "schedule": 60.0,
    },
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # A worker that comes back finds a sweep of each kind or two, not all those that it has missed.
    if isinstance(_entry["schedule"], float):
        _entry["options"] = {"expires": max(60.0, 2 * _entry["schedule"])}

# --- People ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "backlog.User"
AUTHENTICATION_BACKENDS = ["backlog.permissions.FloeBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "backlog:today"
ACCOUNT_ADAPTER = "backlog.accounts.InvitedOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # whoever can read the mail owns the account, and is known
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "backlog.accounts.ResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "backlog.forms.accounts.SignInForm",
    "change_password": "backlog.forms.accounts.OwnPasswordForm",
    "reset_password": "backlog.forms.accounts.ResetForm",
    "reset_password_from_key": "backlog.forms.accounts.NewPasswordForm",
}
# An address may be a whole office's; wrong passwords of one account count for themselves.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/5m/ip",
    "login_failed_here": "5/5m/key",
    "login_failed_elsewhere": "20/h/key",
    "reset_password": "60/5m/ip,3/5m/key",
}
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# What is counted against guessing outlives a restart and is one for all processes; what is kept
# for seconds to spare the database stays in each process.
CACHES = {
    "default": {
        "BACKEND": "backlog.tries.TriesCache",
        "LOCATION": "backlog_tries",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "seconds": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
PASSWORD_RESET_TIMEOUT = 24 * 3600
PASSWORD_ASKED_AFTER_MINUTES = env.int("PASSWORD_ASKED_AFTER_MINUTES", default=10)
SESSION_ENGINE = "backlog.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Security --------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_NAME = "__Host-floe" if IS_HTTPS else "floe"
CSRF_COOKIE_NAME = "__Host-floe-csrf" if IS_HTTPS else "floe-csrf"
CSRF_FAILURE_VIEW = "backlog.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if IS_HTTPS else 0
# Whether the domains below this one speak HTTPS, too, only its owner knows; hence silenced below.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# The system check reminds of settings that belong to HTTPS; SITE_URL decides on them above.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"] + (
    []
    if IS_HTTPS
    else ["security.W004", "security.W008", "security.W010", "security.W012", "security.W016"]
)

# --- Words, dates, numbers -------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", VAR_DIR / "assets"]
(VAR_DIR / "assets").mkdir(exist_ok=True)
MEDIA_ROOT = VAR_DIR / "uploads"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.SmallStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_HANDLERS = [
    "backlog.uploads.CappedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
RESULTS_FILE_MAX_BYTES = env.int("RESULTS_FILE_MAX_MB", default=200) * 1024 * 1024
RESULTS_FILE_MAX_ROWS = env.int("RESULTS_FILE_MAX_ROWS", default=2_000_000)
CONNECTOR_MODULES = env.list("CONNECTOR_MODULES", default=[])
RESULTS_ROWS_READ_AT_ONCE = env.int("RESULTS_ROWS_READ_AT_ONCE", default=200_000)

UPLOADS_MAX_BYTES = env.int("UPLOADS_MAX_MB", default=20_000) * 1024 * 1024
UPLOADS_KEEP_FREE_BYTES = env.int("UPLOADS_KEEP_FREE_MB", default=500) * 1024 * 1024
UPLOADS_KEPT_DAYS = env.int("UPLOADS_KEPT_DAYS", default=30)
FILES_READ_AT_ONCE = env.int("FILES_READ_AT_ONCE", default=2)
FILE_SECONDS = env.int("FILE_SECONDS", default=40)
DISK_RESERVE_BYTES = env.int("DISK_RESERVE_MB", default=100) * 1024 * 1024
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=10) * 1024 * 1024
IMAGE_MAX_BYTES = env.int("IMAGE_MAX_MB", default=5) * 1024 * 1024
IMPORT_FILE_MAX_BYTES = env.int("IMPORT_FILE_MAX_MB", default=30) * 1024 * 1024

# --- Mail ------------------------------------------------------------------------------------
# Without EMAIL_URL nothing leaves the machine: mail is printed to the console.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Floe <floe@localhost>")

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backlog.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "backlog.api.authentication.ScopeAllows",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["backlog.api.bounded.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "backlog.api.pagination.ByNewest",
    "DEFAULT_SCHEMA_CLASS": "backlog.api.description.Described",
    "EXCEPTION_HANDLER": "backlog.api.errors.answer",
    "NON_FIELD_ERRORS_KEY": "detail",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Floe",
    "DESCRIPTION": "Ideas, blind scores, experiments and what was learned.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",  # names of maps can be described
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    # What is written has other names than what is read; the request's have no read-only fields.
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "backlog.api.description.with_errors",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_NAME_OVERRIDES": {
        "IntakeStateEnum": "experiments.models.evidence.Intake.State",
        "KindEnum": "experiments.models.metrics.Metric.Kind",
        "PartEnum": "experiments.models.metrics.Metric.UsualRole",
        "RoundKindEnum": "backlog.models.rounds.Round.Kind",
        "DimensionEnum": "backlog.models.rubrics.RubricBand.Dimension",
    },
}

# --- Logs ------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"secrets": {"()": "config.logs.HideSecrets"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
