"""`manage.py runserver`, for development: daphne's autoreloading server, with a worker child beside it."""

from typing import Any

from daphne.management.commands.runserver import Command as DaphneCommand
from django.core.management.base import CommandError

from core.accounts.exposure import check_exposure
from core.exceptions import WrongState
from core.jobs.server import EmbeddedServer, only_server


class Command(DaphneCommand):  # type: ignore[misc]
    """The worker lives and dies with the reloaded process, so that both always run the same code."""

    def run(self, **options: Any) -> None:
        check_exposure(self.addr)
        super().run(**options)

    def inner_run(self, *args: Any, **options: Any) -> None:
        try:
            with only_server():
                embedded = EmbeddedServer()
                embedded.start()
                try:
                    super().inner_run(*args, **options)
                finally:
                    embedded.stop()
        except WrongState as error:
            raise CommandError(error.message) from None
