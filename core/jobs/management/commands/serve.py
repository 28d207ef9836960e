"""`manage.py serve`: the whole studio in one command."""

from argparse import ArgumentParser
from typing import Any

from channels.routing import get_default_application
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.accounts.exposure import check_exposure
from core.exceptions import WrongState
from core.jobs.server import EmbeddedServer, only_server
from core.jobs.startup import START_CHECKS
from core.jobs.web_server import StudioServer


class Command(BaseCommand):
    help = "Serves the studio: a web server (daphne) and the worker that holds the models."
    requires_system_checks = START_CHECKS

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.STUDIO_HOST, help="address to bind (STUDIO_HOST)")
        parser.add_argument(
            "--port", type=int, default=settings.STUDIO_PORT, help="port, 0 = any free (STUDIO_PORT)"
        )

    def handle(self, *, host: str, port: int, **options: Any) -> None:
        check_exposure(host)
        try:
            with only_server():
                self._serve(host, port)
        except WrongState as error:
            raise CommandError(error.message) from None

    def _serve(self, host: str, port: int) -> None:
        embedded = EmbeddedServer()
        server: StudioServer = StudioServer(
            application=get_default_application(),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            http_timeout=None,
            server_name="studio",
            ready_callable=lambda: self._say_where(server),
        )
        embedded.start()
        try:
            server.run()
        finally:
            embedded.stop()
        if server.abort_start:
            raise CommandError(
                f"Cannot listen on {host}:{port}. The log says why; perhaps something else does."
            )

    def _say_where(self, server: StudioServer) -> None:
        for host, port in server.listening_addresses:
            shown = f"[{host}]" if ":" in host else host
            self.stdout.write(f"Studio at http://{shown}:{port}  (API docs: /swagger/, stop with Ctrl-C)")
        self.stdout.flush()
