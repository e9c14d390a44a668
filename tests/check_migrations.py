"""`python -m tests.check_migrations`: fails where a model has changed and no migration says so."""

from __future__ import annotations

import sys

import django
from django.core.management import call_command

from tests import portal_environment

if __name__ == "__main__":
    assert portal_environment.FOLDER  # the settings were read with the tests' environment
    django.setup()
    call_command("makemigrations", check=True, dry_run=True)
    sys.exit(0)
