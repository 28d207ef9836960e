"""WebSocket addresses."""

from django.urls import path, re_path

from core.jobs.consumers import JobConsumer, NowhereConsumer, OwnerConsumer

websocket_urlpatterns = [
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),
    path("ws/jobs/<uuid:job_id>", JobConsumer.as_asgi()),
    re_path(r"^ws/jobs/?$", OwnerConsumer.as_asgi()),
    re_path(r"", NowhereConsumer.as_asgi()),
]
