"""The one settings file. Every value a person may change is a `STUDIO_*` environment variable.

The scheme below is the whole list; docs/configuration.md describes each one and a test keeps the two equal.
"""

import tomllib
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers

from backendAI.casts import database, device, endpoint, integer, one_of, origins, rate, seconds, switch, words
from backendAI.environment import Environment, adopt_old_names, check_env_file, secret_key, sqlite
from core.api.error_responses import COMPONENTS
from core.observability.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment(
    # server
    STUDIO_HOST=(str, "127.0.0.1"),
    STUDIO_PORT=(integer(0, 65535), 8000),
    STUDIO_DEBUG=(switch, False),
    STUDIO_SECRET_KEY=(str, ""),
    STUDIO_ALLOWED_HOSTS=(words, []),
    STUDIO_CORS_ORIGINS=(origins, []),
    STUDIO_TRUSTED_PROXIES=(integer(0), 0),
    STUDIO_LOG_LEVEL=(one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO"),
    STUDIO_LOG_FORMAT=(one_of("console", "json"), "console"),
    # places
    STUDIO_STATE_ROOT=(str, str(BASE_DIR / ".studio")),
    STUDIO_DATABASE_URL=(database, {}),
    STUDIO_MEDIA_ROOT=(str, str(BASE_DIR / "media")),
    STUDIO_MODELS_ROOT=(str, ""),
    # who may do what
    STUDIO_REQUIRE_AUTH=(switch, False),
    STUDIO_ALLOW_OPEN=(switch, False),
    STUDIO_OPEN_REGISTRATION=(switch, False),
    STUDIO_THROTTLE=(rate, ""),
    STUDIO_THROTTLE_LOGIN=(rate, "20/minute"),
    # limits
    STUDIO_MAX_BODY_BYTES=(integer(1), 32 * 1024 * 1024),
    STUDIO_MAX_IMAGE_PIXELS=(integer(1), 50_000_000),
    STUDIO_MAX_PENDING_PER_OWNER=(integer(1), 256),
    STUDIO_MAX_QUEUE=(integer(1), 1024),
    STUDIO_MIN_FREE_BYTES=(integer(0), 500 * 10**6),
    STUDIO_SYNC_TIMEOUT=(seconds(1), 600.0),
    STUDIO_JOB_TTL=(integer(0), 24 * 3600),
    STUDIO_IMAGE_TTL=(integer(0), 24 * 3600),
    STUDIO_SESSION_TTL=(integer(1), 3600),
    STUDIO_HISTORY_TTL=(integer(0), 30 * 24 * 3600),
    # jobs
    STUDIO_CPU_SLOTS=(integer(1), 2),
    STUDIO_DEVICE_SLOTS=(integer(1), 16),
    STUDIO_JOB_LEASE=(seconds(1), 30.0),
    STUDIO_SSE_KEEPALIVE=(seconds(1), 15.0),
    # models
    STUDIO_IMAGE_MODEL=(str, "starter"),
    STUDIO_PRELOAD=(switch, True),
    STUDIO_DEVICE=(device, "auto"),
    STUDIO_BATCHING=(one_of("auto", "off"), "auto"),
    STUDIO_BATCH_CAP=(integer(0), 0),
    STUDIO_BATCH_BYTES=(integer(0), 0),
    STUDIO_MODEL_MEMORY_BYTES=(integer(0), 0),
    STUDIO_MODEL_IDLE_SECONDS=(integer(0), 900),
    STUDIO_MASK_CACHE_BYTES=(integer(0), 256 * 1024 * 1024),
    STUDIO_ACCEPT_LICENCES=(words, []),
    STUDIO_AUTO_PULL=(switch, False),
    STUDIO_HF_TOKEN=(str, ""),
    STUDIO_REPLICATE_TOKEN=(str, ""),
    STUDIO_REPLICATE_BASE_URL=(endpoint, ""),
    STUDIO_REPLICATE_TIMEOUT=(seconds(0.1), 600.0),
    # language model
    STUDIO_LLM_BASE_URL=(endpoint, ""),
    STUDIO_LLM_MODEL=(str, ""),
    STUDIO_LLM_API_KEY=(str, ""),
    STUDIO_LLM_TIMEOUT=(seconds(0.1), 10.0),
)
check_env_file(BASE_DIR / ".env")
Environment.read_env(BASE_DIR / ".env")
adopt_old_names(env.ENVIRON)

STUDIO_HOST = env("STUDIO_HOST")
STUDIO_PORT = env("STUDIO_PORT")
STUDIO_STATE_ROOT = Path(env("STUDIO_STATE_ROOT")).expanduser().resolve()
STUDIO_MEDIA_ROOT = Path(env("STUDIO_MEDIA_ROOT")).expanduser().resolve()
STUDIO_MODELS_ROOT = Path(env("STUDIO_MODELS_ROOT") or STUDIO_STATE_ROOT / "models").expanduser().resolve()
STUDIO_REQUIRE_AUTH = env("STUDIO_REQUIRE_AUTH")
STUDIO_ALLOW_OPEN = env("STUDIO_ALLOW_OPEN")
STUDIO_OPEN_REGISTRATION = env("STUDIO_OPEN_REGISTRATION")
STUDIO_TRUSTED_PROXIES = env("STUDIO_TRUSTED_PROXIES")
STUDIO_MAX_BODY_BYTES = env("STUDIO_MAX_BODY_BYTES")
STUDIO_MAX_IMAGE_PIXELS = env("STUDIO_MAX_IMAGE_PIXELS")
STUDIO_MAX_PENDING_PER_OWNER = env("STUDIO_MAX_PENDING_PER_OWNER")
STUDIO_MAX_QUEUE = env("STUDIO_MAX_QUEUE")
STUDIO_MIN_FREE_BYTES = env("STUDIO_MIN_FREE_BYTES")
STUDIO_SYNC_TIMEOUT = env("STUDIO_SYNC_TIMEOUT")
STUDIO_JOB_TTL = env("STUDIO_JOB_TTL")
STUDIO_IMAGE_TTL = env("STUDIO_IMAGE_TTL")
STUDIO_SESSION_TTL = env("STUDIO_SESSION_TTL")
STUDIO_HISTORY_TTL = env("STUDIO_HISTORY_TTL")
STUDIO_CPU_SLOTS = env("STUDIO_CPU_SLOTS")
STUDIO_JOB_LEASE = env("STUDIO_JOB_LEASE")
STUDIO_SSE_KEEPALIVE = env("STUDIO_SSE_KEEPALIVE")
STUDIO_IMAGE_MODEL = env("STUDIO_IMAGE_MODEL")
STUDIO_PRELOAD = env("STUDIO_PRELOAD")
STUDIO_DEVICE = env("STUDIO_DEVICE")
STUDIO_BATCHING = env("STUDIO_BATCHING")
# Without batching the device does one job at a time.
STUDIO_DEVICE_SLOTS = env("STUDIO_DEVICE_SLOTS") if STUDIO_BATCHING == "auto" else 1
STUDIO_BATCH_CAP = env("STUDIO_BATCH_CAP")
STUDIO_BATCH_BYTES = env("STUDIO_BATCH_BYTES")
STUDIO_MODEL_MEMORY_BYTES = env("STUDIO_MODEL_MEMORY_BYTES")
STUDIO_MODEL_IDLE_SECONDS = env("STUDIO_MODEL_IDLE_SECONDS")
STUDIO_MASK_CACHE_BYTES = env("STUDIO_MASK_CACHE_BYTES")
STUDIO_ACCEPT_LICENCES = env("STUDIO_ACCEPT_LICENCES")
STUDIO_AUTO_PULL = env("STUDIO_AUTO_PULL")
STUDIO_HF_TOKEN = env("STUDIO_HF_TOKEN")
STUDIO_REPLICATE_TOKEN = env("STUDIO_REPLICATE_TOKEN")
STUDIO_REPLICATE_BASE_URL = env("STUDIO_REPLICATE_BASE_URL")
STUDIO_REPLICATE_TIMEOUT = env("STUDIO_REPLICATE_TIMEOUT")
STUDIO_LLM_BASE_URL = env("STUDIO_LLM_BASE_URL")
STUDIO_LLM_MODEL = env("STUDIO_LLM_MODEL")
STUDIO_LLM_API_KEY = env("STUDIO_LLM_API_KEY")
STUDIO_LLM_TIMEOUT = env("STUDIO_LLM_TIMEOUT")

DEBUG = env("STUDIO_DEBUG")
SECRET_KEY = secret_key(env("STUDIO_SECRET_KEY"), STUDIO_STATE_ROOT, STUDIO_HOST)
# The loopback names always: health checks from inside the container or machine use them.
ALLOWED_HOSTS = [*(env("STUDIO_ALLOWED_HOSTS") or [STUDIO_HOST]), "localhost", "127.0.0.1", "[::1]"]
# Only a proxy of ours may say that the client spoke TLS.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if STUDIO_TRUSTED_PROXIES else None

# ---------------------------------------------------------------------------------------------- applications
INSTALLED_APPS = [
    "core.jobs",  # first: of several commands called `runserver` the first app's wins, and ours has a worker
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core.observability",
    "core.api",
    "core.accounts",
    "core.images",
    "core.model_manager",
    "apps.prompt_refinement",
    "apps.image_generation",
    "apps.background_removal",
    "apps.face_swap",
    "apps.smart_mask",
    "apps.image_processing",
    "apps.datasets",
    "apps.ai_gateway",
]

MIDDLEWARE = [
    "core.observability.middleware.request_log",
    "core.api.middleware.json_errors",
    "corsheaders.middleware.CorsMiddleware",  # outside body_limit: browsers hide errors without its headers
    "core.api.body_limit.body_limit",
    "core.api.content_types.utf8_forms",
    "core.api.page_middleware.headers",
    "core.api.page_middleware.admin_sessions",
]

# The admin asks for its middleware by name; `admin_sessions` is what brings it.
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]

ROOT_URLCONF = "backendAI.urls"
ASGI_APPLICATION = "backendAI.asgi.application"
WSGI_APPLICATION = "backendAI.wsgi.application"
APPEND_SLASH = False  # every path answers with and without its slash; a POST is never redirected

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# ---------------------------------------------------------------------------------------------- data
DATABASES = {"default": env("STUDIO_DATABASE_URL") or sqlite(STUDIO_STATE_ROOT / "db.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: a transaction that will write takes the write lock at once instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Throttles and chat sessions. Django's own limit of 300 entries would throw sessions away before their time.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
MEDIA_ROOT = STUDIO_MEDIA_ROOT
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"

# ---------------------------------------------------------------------------------------------- accounts
AUTHENTICATION_BACKENDS = ["core.accounts.backends.EmailOrUsernameBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# ---------------------------------------------------------------------------------------------- API
DATA_UPLOAD_MAX_MEMORY_SIZE = STUDIO_MAX_BODY_BYTES  # core.api answers 413 first, in our own shape
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.api.uploads.ShortNameUploadHandler",
]

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.StudioSchema",
    # No sessions here, so no other site's form can act for a user; StudioPermission guards the anonymous one.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "core.accounts.authentication.BearerAuthentication",
        "core.accounts.authentication.ApiKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["core.accounts.permissions.StudioPermission"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "core.api.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttles.RequestThrottle"],
    "DEFAULT_THROTTLE_RATES": {"requests": env("STUDIO_THROTTLE"), "login": env("STUDIO_THROTTLE_LOGIN")},
    "EXCEPTION_HANDLER": "core.api.handlers.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=1),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,  # a new password ends every login made with the old one
}
SPECTACULAR_SETTINGS = {
    "TITLE": "AI photo studio",
    "VERSION": tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"],
    "SERVE_INCLUDE_SCHEMA": False,
    # Swagger and ReDoc come from our own static files, so that both work without a network.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "APPEND_COMPONENTS": COMPONENTS,
    "ENUM_NAME_OVERRIDES": {
        "ReadinessEnum": ["ready", "not_ready"],
        "JobStatusEnum": "core.jobs.models.Status",
        "PictureStatusEnum": ["queued", "processing", "done", "cancelled", "error"],
        "AnswerLanguageEnum": ["en", "vi"],
        "PromptLanguageEnum": ["en", "vi", "und"],
        "RefinementMethodEnum": ["auto", "rule_based", "llm"],
        "ResponseFormatEnum": ["b64", "url"],
        "OpenAIResponseFormatEnum": ["b64_json", "url"],
        "OpenAIBackgroundEnum": ["auto", "opaque"],
        "OpenAIEditBackgroundEnum": ["auto"],
        "WhiteBalanceMethodEnum": ["grey_world", "shades_of_grey", "white_patch"],
    },
    "DESCRIPTION": (
        "A self-hosted photo studio. Every path answers with and without its trailing slash; every answer "
        "carries `X-Request-Id`; every error is an `Error`, "
        "but under `/v1/`, where it is one of OpenAI's. Every field of format `byte` takes base64, a "
        "`data:` URL or, in a form, a file."
    ),
}
CSRF_FAILURE_VIEW = "core.api.handlers.csrf_failure"
CORS_ALLOWED_ORIGINS = env("STUDIO_CORS_ORIGINS")
CORS_ALLOW_HEADERS = [
    *default_headers,
    *("x-api-key", "idempotency-key", "last-event-id", "x-request-id"),
    # OpenAI's client says in every request what it runs on.
    *(f"x-stainless-{fact}" for fact in ("arch", "lang", "os", "package-version", "retry-count", "timeout")),
    *("x-stainless-runtime", "x-stainless-runtime-version"),
]
CORS_EXPOSE_HEADERS = ["X-Request-Id", "Idempotent-Replayed", "Retry-After", "X-Seed", "X-Model", "X-Job-Id"]

# ---------------------------------------------------------------------------------------------- observability
LOGGING = logging_config(level=env("STUDIO_LOG_LEVEL"), style=env("STUDIO_LOG_FORMAT"))
