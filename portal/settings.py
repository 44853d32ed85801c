"""Every setting of the portal, read from the environment.

Safe when nothing is set: debugging off, cookies only over HTTPS, no secret and no database by
default. `.env.example` explains each variable; a variable `X_FILE` names a file that holds X.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

# --- Core -------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = False
HTTPS_ONLY = env.bool("HTTPS_ONLY", default=True)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SITE_URL = env.str("SITE_URL", default="https://portal.invalid")
# An origin of their own from which files that people added are handed over, without a cookie.
FILES_URL = env.str("FILES_URL", default="").rstrip("/")
if FILES_URL:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, urlsplit(FILES_URL).hostname or ""]
RELEASE = env.str("RELEASE", default="")
SERVICE_NAME = env.str("SERVICE_NAME", default="Safeguarding referrals")
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "portal.common",
    "portal.accounts",
    "portal.audit",
    "portal.documents",
    "portal.notifications",
    "sharing.rules",
    "referrals",
    "referrals.intake",
    "referrals.triage",
    "referrals.following",
    "referrals.information",
    "referrals.matching",
    "referrals.links",
    "referrals.assessments",
    "referrals.actions",
    "referrals.meetings",
    "sharing.disclosures",
    "portal.home",
    "portal.governance",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.common.http.PrivacyHeadersMiddleware",
    # What stands below it, sessions and pages, is not there on the files' own host.
    "referrals.http.FilesHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.http.SignInRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.http.PrincipalMiddleware",
    "portal.audit.http.RefusalMiddleware",
    "portal.accounts.http.KeptMiddleware",
    "portal.common.http.DomainErrorMiddleware",
]

# --- Data -------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "options": "-c timezone=UTC -c lock_timeout=5000 -c statement_timeout=30000"
        " -c idle_in_transaction_session_timeout=60000"
        # Many short questions at once: the helpers that one gets are taken from the others.
        " -c max_parallel_workers_per_gather=0",
    }
)
# Rate limits live in PostgreSQL: a dead Redis must neither lift them nor stop people signing in.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # Few entries would let a flood of addresses push a victim's count of tries out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

# --- Pages ------------------------------------------------------------------------------------
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "portal.notifications.http.frame",
            ],
            # Every form says beside its token for whom its page was made.
            "builtins": ["portal.accounts.templatetags.author"],
        },
    }
]
FORM_RENDERER = "portal.common.http.GovukFormRenderer"
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "var" / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Time and words ---------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
LANGUAGES = [("en-gb", "English")]

# --- Who is there -----------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home:home"
ACCOUNT_LOGOUT_REDIRECT_URL = "accounts:signed_out"
ACCOUNT_ADAPTER = "portal.accounts.http.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SERVICE_NAME}: "
ACCOUNT_SESSION_REMEMBER = False
# Beside allauth's own: more searches than a person makes who looks for a child.
ACCOUNT_RATE_LIMITS = {"search": f"{env.int('SEARCHES_A_MINUTE', default=60)}/m/user"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
PASSWORD_RESET_TIMEOUT = int(timedelta(days=1).total_seconds())
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# guardian is a well-made grant table here, and nothing more: see docs/decisions.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# Where "Hide this page" leads: a page that anybody might have open.
NEUTRAL_URL = env.str("NEUTRAL_URL", default="https://www.bbc.co.uk/weather")

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_ENGINE = "portal.accounts.http.sessions"
# The longest that a partnership may choose; portal.accounts.http ends each session by its own.
SESSION_COOKIE_AGE = int(timedelta(minutes=60).total_seconds())
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS_ONLY else "session"
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS_ONLY else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_FAILURE_VIEW = "portal.accounts.http.csrf_failure"

# --- The browser's rules ----------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
# Believed only where a proxy of ours stands before us and writes it.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.int("TRUSTED_PROXY_COUNT", default=0) else None
)
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^health/live/$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A browser asks it about the redirect that answers a form, too.
        "form-action": [SELF, FILES_URL] if FILES_URL else [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 300

# --- Mail -------------------------------------------------------------------------------------
_MAIL = env.email("EMAIL_URL", default="smtp://127.0.0.1:25")
# Who sends, and who stands before it: there an operator can stop all outgoing mail.
MAIL_SERVER = _MAIL.pop("EMAIL_BACKEND")
vars().update(_MAIL)
EMAIL_BACKEND = "portal.notifications.services.outbox.Backend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="notices@portal.invalid")

# --- Work that is owed ------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A dead broker must cost a person who presses Send less than two seconds: the row is the promise.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 0.3,
    "socket_timeout": 1,
    "max_retries": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 180
CELERY_TASK_SOFT_TIME_LIMIT = 150
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = env.str("BEAT_SCHEDULE", default="/tmp/portal-beat")  # noqa: S108
CELERY_BEAT_SCHEDULE = {
    "notifications.sweep": {"task": "notifications.sweep", "schedule": 30},
    "notifications.escalate": {"task": "notifications.escalate", "schedule": 60},
    "notifications.beat": {"task": "notifications.beat", "schedule": 30},
    "governance.sweep": {"task": "governance.sweep", "schedule": 30},
    "referrals.sweep": {"task": "referrals.sweep", "schedule": 30},
    "accounts.sweep": {"task": "accounts.sweep", "schedule": 300},
    "intake.expire": {"task": "intake.expire", "schedule": 3600},
    "intake.remind": {"task": "intake.remind", "schedule": 60},
    "following.climb": {"task": "following.climb", "schedule": 60},
    "information.expire": {"task": "information.expire", "schedule": 3600},
    "emergency.remind": {"task": "emergency.remind", "schedule": 600},
    "rules.sweep": {"task": "rules.sweep", "schedule": 30},
    "disclosures.review": {"task": "disclosures.review", "schedule": 30},
    "disclosures.chase": {"task": "disclosures.chase", "schedule": 60},
    "referrals.sweep_sights": {"task": "referrals.sweep_sights", "schedule": 600},
    "referrals.sweep_files": {"task": "referrals.sweep_files", "schedule": 30},
    "referrals.sweep_particulars": {"task": "referrals.sweep_particulars", "schedule": 300},
    "referrals.sweep_clocks": {"task": "referrals.sweep_clocks", "schedule": 30},
    "referrals.sweep_due": {"task": "referrals.sweep_due", "schedule": 60},
    "meetings.sweep": {"task": "meetings.sweep", "schedule": 30},
    "triage.sweep_left": {"task": "triage.sweep_left", "schedule": 30},
    "assessments.sweep": {"task": "assessments.sweep", "schedule": 60},
    "meetings.sweep_minutes": {"task": "meetings.sweep_minutes", "schedule": 30},
    "meetings.remind": {"task": "meetings.remind", "schedule": 300},
    "actions.climb": {"task": "actions.climb", "schedule": 60},
    "actions.plan": {"task": "actions.plan", "schedule": 300},
}
# The same work without the queue, by `manage.py sweep`: each function does everything that is due.
SWEEPS = [
    "portal.accounts.services.sweep",
    "portal.notifications.services.sweep",
    "portal.notifications.services.escalate",
    "portal.notifications.services.beat",
    "referrals.services.sweep",
    "referrals.meetings.services.printing.sweep",
    "referrals.intake.services.expire",
    "referrals.intake.services.remind",
    "referrals.following.services.climb",
    "referrals.information.services.expire",
    "portal.governance.services.sweep",
    "sharing.disclosures.services.emergency.remind",
    "sharing.rules.services.changes.sweep",
    "sharing.disclosures.services.review.sweep",
    "sharing.disclosures.services.chasing.sweep",
    "referrals.services.sweep_sights",
    "referrals.services.files.sweep",
    "referrals.services.particulars.sweep",
    "referrals.services.clocks.sweep",
    "referrals.services.due.sweep",
    "referrals.triage.services.sweep",
    "referrals.assessments.services.sweep",
    "referrals.actions.services.climb",
    "referrals.actions.services.plan",
    "referrals.meetings.services.sweep",
    "referrals.meetings.services.reminding.sweep",
]

# Who may be told of a case: notices stand below the cases, so they ask by name.
NOTICE_MAY_REACH = "referrals.policies.may_be_told"
NOTICE_WHO_MAY_KNOW = "referrals.policies.who_may_know"

# --- Watching over it -------------------------------------------------------------------------
# Who says this word is told how the service is, in numbers. Without it nobody is.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", default="")
# Past these it is not well. The sweep and beat work every few seconds; three minutes is silence.
HEALTH_LIMITS = {
    "migrations_missing": 0,
    "outbox_seconds": env.int("HEALTH_OUTBOX_SECONDS", default=900),
    "worker_seconds": env.int("HEALTH_WORKER_SECONDS", default=180),
    "sweep_seconds": env.int("HEALTH_SWEEP_SECONDS", default=180),
    "dead": env.int("HEALTH_DEAD", default=10),
}

# --- Programs ---------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.common.http.TextParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 25,
    "EXCEPTION_HANDLER": "portal.audit.http.api_exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "MASE Portal",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"YesNoEnum": "referrals.vocabulary.YesNo"},
}

# --- Documents --------------------------------------------------------------------------------
DOCUMENT_SECONDS = env.int("DOCUMENT_SECONDS", default=60)
DOCUMENT_MEGABYTES = env.int("DOCUMENT_MEGABYTES", default=768)
# Where clamd answers, as host:port or unix:/path. Without it no uploaded file becomes ready.
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
# The seconds that it may take over one file: so long a worker does nothing else. It is asked again.
CLAMD_SECONDS = env.float("CLAMD_SECONDS", default=20)
# The first seals uploaded files, all open them; without any, SECRET_KEY does.
FILE_KEYS = env.list("FILE_KEYS", default=[])
UPLOAD_SECONDS = env.int("UPLOAD_SECONDS", default=10)
UPLOAD_MEGABYTES = env.int("UPLOAD_MEGABYTES", default=768)
UPLOAD_PAGES = env.int("UPLOAD_PAGES", default=300)
UPLOAD_PIXELS = env.int("UPLOAD_PIXELS", default=25_000_000)
UPLOAD_MEGABYTES_A_DAY = env.int("UPLOAD_MEGABYTES_A_DAY", default=100)
# A file is held in memory while it is looked at, never in clear on a disk.
FILE_UPLOAD_HANDLERS = ["portal.documents.http.InMemory"]
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# --- Logs -------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "portal.common.logs.QuietFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Django logs the path of each 4xx; a path holds no personal data, a traceback may.
    "loggers": {"django.request": {"level": "ERROR"}, "pikepdf": {"level": "WARNING"}},
}
