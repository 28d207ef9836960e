"""For ASGI servers: HTTP and WebSocket. Importing it starts nothing."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")
http: Any = get_asgi_application()  # loads the apps, which the imports below need

from core.accounts.websocket import OwnerMiddleware  # noqa: E402
from core.api.body_limit import BodyLimit  # noqa: E402
from core.api.content_types import ReadableContentType  # noqa: E402
from core.jobs.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(ReadableContentType(http)),
        "websocket": ReadableContentType(OwnerMiddleware(URLRouter(websocket_urlpatterns))),
    }
)
