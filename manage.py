#!/usr/bin/env python
"""The studio's command line: `python manage.py --help` lists every command."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backendAI.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(
            f"The studio cannot start: {error}"
        )  # one sentence that says what to set, instead of a trace


if __name__ == "__main__":
    main()
