"""The health of the database."""

from django.db import DatabaseError, connection

from core.observability.health import Health


def check_database() -> Health:
    """Healthy when the default database answers `SELECT 1`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Health(ok=False, detail=f"The database does not answer ({type(error).__name__}).")
    return Health(ok=True, detail=f"{connection.display_name} answers.")
