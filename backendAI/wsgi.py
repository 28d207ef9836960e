"""For WSGI servers. WebSockets and live event streams need ASGI: prefer `backendAI.asgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")

application = get_wsgi_application()
