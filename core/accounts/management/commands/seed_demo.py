"""`manage.py seed_demo`: a studio with a few people in it, to try things out."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from core.accounts import services
from core.accounts.exposure import is_loopback
from core.accounts.scopes import Scope

STAFF = "admin"
PEOPLE = (STAFF, "alice", "bob")
KEY_OWNER, KEY_NAME = "alice", "demo"


class Command(BaseCommand):
    help = "Makes the users admin (staff), alice and bob, and an API key for alice. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--password",
            help="One password for all of them (only where no other machine can reach the server). "
            "Without it each gets a random one.",
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"]
        if password and not is_loopback(settings.STUDIO_HOST):
            raise CommandError(
                f"STUDIO_HOST={settings.STUDIO_HOST} can be reached from other machines: "
                "leave --password out, so that nobody can guess it."
            )
        for name in PEOPLE:
            self._make_user(name, password or secrets.token_urlsafe(12))
        self._make_key()

    def _make_user(self, name: str, password: str) -> None:
        if User.objects.filter(username=name).exists():
            self.stdout.write(f"{name}: exists, not changed")
            return
        make = User.objects.create_superuser if name == STAFF else User.objects.create_user
        make(username=name, email=f"{name}@example.com", password=password)
        self.stdout.write(self.style.SUCCESS(f"{name}@example.com: password {password}"))

    def _make_key(self) -> None:
        user = User.objects.get(username=KEY_OWNER)
        if services.api_keys(user=user).filter(name=KEY_NAME).exists():
            self.stdout.write(f"API key of {KEY_OWNER}: exists, not shown again")
            return
        _, key = services.create_api_key(user=user, name=KEY_NAME, scopes=[Scope.READ, Scope.GENERATE])
        self.stdout.write(self.style.SUCCESS(f"API key of {KEY_OWNER}: {key}"))
