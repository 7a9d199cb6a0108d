"""Settings: one file, typed environment reads, safe defaults (docs/operations.md lists them)."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env, sso

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.boolean("DEBUG", False)
METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # empty: /metrics is not there
METRICS_FOLDER = env.text("PROMETHEUS_MULTIPROC_DIR", "")  # the name the library reads
CHECK_CHARTS = DEBUG  # their specifications against the schema of Vega-Lite
DEMO_MODE = env.boolean("DEMO_MODE", False)  # login page lists the demo accounts
SECRET_KEY = env.text("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
# Where customers reach the site: the beginning of links in e-mails, without a final slash.
PUBLIC_URL = env.text(
    "PUBLIC_URL", next(iter(CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000")
).rstrip("/")
# The company as customers know it; without, the top department's names.
COMPANY_NAME_ZH = env.text("COMPANY_NAME_ZH", "青穗汽车（演示）" if DEMO_MODE else "")
COMPANY_NAME_EN = env.text("COMPANY_NAME_EN", "Qingsui Auto (demo)" if DEMO_MODE else "")
CARE_CONTACT = env.text("CARE_CONTACT", "")  # how customers reach customer care; in public pages
HTTPS = env.boolean("HTTPS", not DEBUG and not DEMO_MODE)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "rest_framework",
    "drf_spectacular",
    "core",
    "organization",
    "customers",
    "surveys",
    "complaints",
    "assessments",
    "incentives",
    "improvements",
    "dashboards",
]
SSO_PROVIDERS = sso.providers()
INSTALLED_APPS += sso.apps(SSO_PROVIDERS)
MIDDLEWARE = [
    "core.logs.Numbered",
    "core.metrics.Measured",
    "core.middleware.OncePerPage",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.Policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "core.sessions.Idle",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "core.middleware.Unstored",
    "core.middleware.Refusals",
    "config.middleware.OwnLanguage",
    "config.middleware.SecondFactor",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.instance",
                "config.context.shell",
            ],
            "builtins": ["core.templatetags.ui", "template_partials.templatetags.partials"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]

DATABASES = {"default": env.database("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL")

AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "config.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # closed: see the adapter
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from the roster
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False  # the session ends with the browser,
SESSION_COOKIE_AGE = env.integer("SESSION_HOURS", 8) * 3600  # or so long after the last click
SOCIALACCOUNT_ADAPTER = "config.accounts.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = sso.keys(SSO_PROVIDERS)
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: the CSP lets forms go to this site only
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# The claim that carries the employee number, where the company's provider has one.
SSO_EMPLOYEE_CLAIM = env.text("SSO_EMPLOYEE_CLAIM", "employee_no")
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Hengping"
# Who must have a second factor: those who see everybody's pay or decide about it. The demo
# company's accounts are open to everybody who can read its login page; there it only stands in
# the way.
SECOND_FACTOR_ROLES = [] if DEMO_MODE else ["hr", "group", "assessment", "admin"]
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
# Failed logins are counted here: in the database, so that every web process counts the same.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # Beyond this a third of the rows is thrown away; at the default of 300 a busy attack would
        # make the counts of failed logins forget, and so lift its own lock-out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
NODE_MODULES = Path(env.text("NODE_MODULES", str(BASE_DIR / "node_modules")))
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.staticfiles.NpmFinder",
]
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / ".data" / "static")))
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / ".data" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.boolean("STATIC_COMPRESSED", True)
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Maps are for developers' tools only: compressing megabytes of them would slow every first start.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "woff2", "gz", "br", "png", "jpg", "webp")

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "report-uri": ["/csp-report/"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # a form or an API body, without uploaded files

# How long personal data of customers are kept, in days; 0 keeps them without end. Scores and pay
# never depend on them; appeals and audits look back a year.
RETENTION_ANSWER_DAYS = env.days(
    "RETENTION_ANSWER_DAYS", 730, least=180
)  # words, devices, networks
RETENTION_CONTACT_DAYS = env.days("RETENTION_CONTACT_DAYS", 1095, least=180)  # since the last visit
RETENTION_LINK_DAYS = env.days("RETENTION_LINK_DAYS", 90, least=1)  # since it ended
RETENTION_DRAFT_DAYS = env.days("RETENTION_DRAFT_DAYS", 14, least=1, endless=False)
RETENTION_JOB_DAYS = env.days("RETENTION_JOB_DAYS", 90, least=7)  # steps of jobs that are done

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "hengping@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.DecimalJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hengping API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "global_keyprefix": env.text("BROKER_KEY_PREFIX", ""),  # several users of one broker
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "core.recover-jobs": {"task": "core.tasks.recover_jobs", "schedule": 30.0},
    "core.heartbeat": {"task": "core.tasks.heartbeat", "schedule": 30.0},
    "core.tidy": {"task": "core.tasks.tidy", "schedule": 21_600.0},
    "core.seal-audit": {"task": "core.tasks.seal_audit", "schedule": 60.0},
    "core.send-mail": {"task": "core.tasks.send_pending_mail", "schedule": 60.0},
    "surveys.send-invitations": {"task": "surveys.tasks.send_invitations", "schedule": 60.0},
    "surveys.tidy-drafts": {"task": "surveys.tasks.tidy_drafts", "schedule": 3600.0},
    "surveys.prepare-months": {"task": "surveys.tasks.prepare_months", "schedule": 21_600.0},
    "surveys.retain": {"task": "surveys.tasks.retain", "schedule": 21_600.0},
    "assessments.start-due-periods": {
        "task": "assessments.tasks.start_due_periods",
        "schedule": 600.0,
    },
    "incentives.escalate-overdue-appeals": {
        "task": "incentives.tasks.escalate_overdue_appeals",
        "schedule": 3600.0,
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"text": {"()": "core.logs.Line"}, "json": {"()": "core.logs.Json"}},
    "filters": {"context": {"()": "core.logs.Context"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env.choice("LOG_FORMAT", "text", ("text", "json")),
            "filters": ["context"],
        }
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}
