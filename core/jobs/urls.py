from django.urls import include, re_path

from core.api.paths import uuid
from core.jobs import views

_ONE = [
    re_path(r"^/?$", views.JobView.as_view(), name="job-detail"),
    re_path(r"^/result/?$", views.JobResultView.as_view(), name="job-result"),
    re_path(r"^/cancel/?$", views.JobCancelView.as_view(), name="job-cancel"),
    re_path(r"^/stream/?$", views.JobStreamView.as_view(), name="job-stream"),
]

urlpatterns = [
    re_path(r"^/?$", views.JobListView.as_view(), name="job-list"),
    re_path(rf"^/{uuid('job_id')}", include(_ONE)),
]
