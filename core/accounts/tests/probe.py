"""The addresses of the accounts, and four views that show what the rules make of a request."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from core.accounts.authentication import ApiKeyAuthentication, BearerAuthentication, TicketAuthentication
from core.accounts.permissions import IsStaff
from core.api.views import StudioView


class ProbeView(StudioView):
    def get(self, request: Request) -> Response:
        return Response({"owner": self.owner.id, "share": self.owner.share})

    post = delete = get


class StaffView(ProbeView):
    permission_classes = [IsStaff]


class StreamView(ProbeView):
    authentication_classes = [BearerAuthentication, ApiKeyAuthentication, TicketAuthentication]


class BothView(ProbeView):
    """A POST that only reads."""

    required_scope = "read"


urlpatterns = [
    path("api/v1/auth/", include("core.accounts.urls")),
    path("api/v1/probe/", ProbeView.as_view()),
    path("api/v1/staff/", StaffView.as_view()),
    path("api/v1/stream/", StreamView.as_view()),
    path("api/v1/search/", BothView.as_view()),
]
