"""Every address of the studio."""

from django.contrib import admin
from django.urls import include, path, re_path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/auth/", include("core.accounts.urls")),
    re_path(r"^api/v1/images", include("core.images.urls")),
    re_path(r"^api/v1/jobs", include("core.jobs.urls")),
    re_path(r"^api/v1/models", include("core.model_manager.urls")),
    path("api/v1/prompt-refinement/", include("apps.prompt_refinement.urls")),
    path("api/v1/image-generation/", include("apps.image_generation.urls")),
    path("v1/", include("apps.image_generation.openai.urls")),
    path("api/v1/background-removal/", include("apps.background_removal.urls")),
    path("api/v1/face-swap/", include("apps.face_swap.urls")),
    re_path(r"^api/v1/smart-mask", include("apps.smart_mask.urls")),
    path("api/v1/image-processing/", include("apps.image_processing.urls")),
    re_path(r"^api/v1/datasets", include("apps.datasets.urls")),
    path("api/v1/ai-gateway/", include("apps.ai_gateway.urls")),
    path("", include("core.observability.urls")),
    path("", include("core.api.urls")),
]

# JSON under /api/, /v1/, /health and /metrics, a small page elsewhere.
handler400 = "core.api.handlers.handler400"
handler403 = "core.api.handlers.handler403"
handler404 = "core.api.handlers.handler404"
handler500 = "core.api.handlers.handler500"
