from django.urls import URLPattern, re_path

from apps.image_processing import views
from apps.image_processing.models import ProcessedImage
from apps.image_processing.serializers import ProcessedImageSerializer
from apps.image_processing.tools import TOOLS
from core.history.views import history_urls

urlpatterns: list[URLPattern] = []
for tool in TOOLS.values():
    path = tool.name.replace("_", "-")
    urlpatterns.append(re_path(rf"^{path}/?$", views.sync_view(tool).as_view(), name=path))
    if tool.is_job:
        async_view = views.async_view(tool).as_view()
        urlpatterns.append(re_path(rf"^{path}/async/?$", async_view, name=f"{path}-async"))
urlpatterns += [
    re_path(r"^pipeline/?$", views.PipelineView.as_view(), name="pipeline"),
    re_path(r"^pipeline/async/?$", views.PipelineAsyncView.as_view(), name="pipeline-async"),
    *history_urls(ProcessedImage, ProcessedImageSerializer),
]
