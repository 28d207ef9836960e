from django.urls import re_path

from apps.face_swap import views
from apps.face_swap.models import FaceSwap
from apps.face_swap.serializers import FaceSwapSerializer
from core.history.views import history_urls

urlpatterns = [
    re_path(r"^detect/?$", views.DetectView.as_view(), name="face-swap-detect"),
    re_path(r"^swap/?$", views.SwapView.as_view(), name="face-swap"),
    re_path(r"^swap/async/?$", views.SwapAsyncView.as_view(), name="face-swap-async"),
    *history_urls(FaceSwap, FaceSwapSerializer),
]
