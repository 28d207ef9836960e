from django.urls import re_path

from apps.ai_gateway import views

urlpatterns = [
    re_path(r"^chat/?$", views.ChatView.as_view(), name="chat"),
    re_path(r"^sessions/(?P<session_id>[A-Za-z0-9_-]{1,64})/?$", views.SessionView.as_view(), name="session"),
    re_path(r"^intents/?$", views.IntentsView.as_view(), name="intents"),
]
