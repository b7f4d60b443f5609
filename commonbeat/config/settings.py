"""Settings: everything an installation may change comes from environment variables, each named here once."""

from __future__ import annotations

import os
from pathlib import Path

from commonbeat.config.database import data_folder, database_settings, database_url, keys_folder
from commonbeat.config.languages import available_languages


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


PACKAGE = Path(__file__).resolve().parent.parent
DATA_ROOT = data_folder()
KEYS_ROOT = keys_folder()
FILES_ROOT = Path(os.environ.get("COMMONBEAT_FILES") or DATA_ROOT / "files")

DEBUG = _flag("COMMONBEAT_DEBUG")
DEMO = _flag("COMMONBEAT_DEMO")
SITE_URL = os.environ.get("COMMONBEAT_URL", "http://127.0.0.1:8000").rstrip("/")
_HOST = SITE_URL.partition("://")[2].split("/")[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = os.environ.get("COMMONBEAT_HOSTS", f"{_HOST},localhost,127.0.0.1").split(",")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ONION = os.environ.get("COMMONBEAT_ONION", "").strip()
"""The name of the onion service that leads to this installation, if there is one: the pages for tips tell it."""
ALLOWED_HOSTS += [ONION] if ONION else []


def _secret_key() -> str:
    import fcntl
    import secrets

    path = KEYS_ROOT / "session.key"
    if not path.exists():
        KEYS_ROOT.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (KEYS_ROOT / ".session.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


SECRET_KEY = os.environ.get("COMMONBEAT_SECRET_KEY") or _secret_key()

INSTALLED_APPS = [
    "commonbeat.config.apps.ProductConfig",
    "commonbeat.interfaces.web.apps.WebConfig",
    "commonbeat.kinds.commendation.apps.CommendationConfig",
    "commonbeat.kinds.complaint.apps.ComplaintConfig",
    "commonbeat.kinds.follow_up.apps.FollowUpConfig",
    "commonbeat.kinds.missing.apps.MissingConfig",
    "commonbeat.kinds.field_report.apps.FieldReportConfig",
    "commonbeat.kinds.observation.apps.ObservationConfig",
    "commonbeat.kinds.problem.apps.ProblemConfig",
    "commonbeat.kinds.service.apps.ServiceConfig",
    "commonbeat.publishing.records.apps.RecordsConfig",
    "commonbeat.publishing.apps.PublishingConfig",
    "commonbeat.evidence.scorecard.apps.ScorecardConfig",
    "commonbeat.evidence.studies.apps.StudiesConfig",
    "commonbeat.evidence.surveys.apps.SurveysConfig",
    "commonbeat.evidence.apps.EvidenceConfig",
    "commonbeat.cases.apps.CasesConfig",
    "commonbeat.journal.apps.JournalConfig",
    "commonbeat.activities.apps.ActivitiesConfig",
    "commonbeat.talks.apps.TalksConfig",
    "commonbeat.community.apps.CommunityConfig",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.sites",
    "django.forms",
    "procrastinate.contrib.django",
    "django_htmx",
    "axes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
SITE_ID = 1

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pages for bad phones; it pads at random, so lengths tell nothing
    "commonbeat.interfaces.web.policy.RememberedPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "commonbeat.interfaces.middleware.ActorMiddleware",
    "commonbeat.interfaces.refusing.page_above",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "commonbeat.config.urls"
WSGI_APPLICATION = "commonbeat.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "commonbeat.interfaces.web.folding.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "commonbeat.interfaces.web.render.site",
            ],
        },
    }
]
FORM_RENDERER = "commonbeat.interfaces.web.components.FormRenderer"

DATABASES = {"default": database_settings(database_url())}
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": int(os.environ.get("COMMONBEAT_POOL", "8")),
    "timeout": 10,
}
# Off for a pooler that shares connections between transactions and does not know prepared statements.
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5 if _flag("COMMONBEAT_PREPARE", default=True) else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "community.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "commonbeat.interfaces.web.sessions.StaffBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "commonbeat.interfaces.web.accounts.StaffAdapter"
SOCIALACCOUNT_ADAPTER = "commonbeat.interfaces.web.accounts.SingleSignOnAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "60/m/ip"}
"""Only against floods: wrong passwords are counted per account by axes, for all processes together."""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # administrators make the accounts, and invitations go to these addresses
MFA_ADAPTER = "commonbeat.interfaces.web.accounts.SecondFactorAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or DEMO
MFA_REQUIRED = _flag("COMMONBEAT_MFA", not DEMO)
"""Staff must have a second factor; only the demo starts without."""

SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would be stopped by form-action when it is sent on to the provider
SSO_CHECKS_SECOND_FACTOR = _flag("COMMONBEAT_OIDC_MFA")
"""The identity provider asks for a second factor at every sign-in, whether or not it says so in `amr`."""
SOCIALACCOUNT_PROVIDERS = {}
if os.environ.get("COMMONBEAT_OIDC_URL"):
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": os.environ.get("COMMONBEAT_OIDC_NAME", "Single sign-on"),
                    "client_id": os.environ.get("COMMONBEAT_OIDC_CLIENT", ""),
                    "secret": os.environ.get("COMMONBEAT_OIDC_SECRET", ""),
                    "settings": {"server_url": os.environ["COMMONBEAT_OIDC_URL"]},
                }
            ]
        }
    }

AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "commonbeat.interfaces.web.accounts.typed_account"
AXES_LOCKOUT_CALLABLE = "commonbeat.interfaces.web.accounts.locked_out"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_DISABLE_ACCESS_LOG = True
AXES_CLIENT_IP_CALLABLE = "commonbeat.interfaces.middleware.no_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

SESSION_ENGINE = "commonbeat.interfaces.web.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 31_536_000 if SITE_URL.startswith("https://") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("COMMONBEAT_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "commonbeat.interfaces.web.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 12
FILE_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = available_languages(PACKAGE / "locale")
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = None  # WhiteNoise serves what the packages hold; nothing is collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "commonbeat.interfaces.web.statics.RememberedStatics"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

EMAIL_BACKEND = (
    "commonbeat.journal.channels.mail.OutboxBackend" if DEMO else "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = os.environ.get("COMMONBEAT_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("COMMONBEAT_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("COMMONBEAT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("COMMONBEAT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("COMMONBEAT_SMTP_TLS")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("COMMONBEAT_FROM", f"commonbeat@{_HOST or 'localhost'}")

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
REFERENCE_FRESH_FOR = float(os.environ.get("COMMONBEAT_REFERENCE_SECONDS", "2"))
RATE_LIMITS = {
    # group → (requests, seconds) per address; addresses are never stored
    "report": (int(os.environ.get("COMMONBEAT_LIMIT_REPORT", "20")), 600),
    "tip": (int(os.environ.get("COMMONBEAT_LIMIT_TIP", "60")), 600),
    "code": (int(os.environ.get("COMMONBEAT_LIMIT_CODE", "15")), 600),
    "mail": (int(os.environ.get("COMMONBEAT_LIMIT_MAIL", "5")), 600),
    "api": (int(os.environ.get("COMMONBEAT_LIMIT_API", "600")), 60),
}
WEBHOOK_PRIVATE = _flag("COMMONBEAT_WEBHOOK_PRIVATE")
"""Webhooks may go to private addresses and plain http: for tests, and for receivers inside the same network."""
NINJA_PAGINATION_PER_PAGE = 100

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"quiet": {"()": "commonbeat.config.logs.NoPersonalData"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["quiet"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("COMMONBEAT_LOG", "WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},  # they name addresses, which are secrets of browsers
    },
}
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
