import pytest
from django.test import Client


@pytest.fixture
def http() -> Client:
    """A client that sees a crash as the client does: as a response."""
    return Client(raise_request_exception=False)
