"""`manage.py rotate_token_keys`: move people's stored tokens to the first of LOCKGATE_TOKEN_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.rotating import BATCH, rotate


class Command(BaseCommand):
    help = (
        "Re-encrypts every stored GitHub token with the first of LOCKGATE_TOKEN_KEYS. "
        "Put the new key first, restart, run this until it exits 0, then take the old key out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", type=int, default=BATCH, help="rows read at once (default: %(default)s)"
        )

    def handle(self, *_: Any, batch: int, **__: Any) -> None:
        if batch < 1:
            raise CommandError("--batch must be at least 1.")
        done = rotate(batch=batch)
        self.stdout.write(
            f"{done.moved} moved to the newest key, {done.newest} under it already, "
            f"{done.busy} in use just now, {done.unreadable} that no key opens."
        )
        if done.busy:
            raise CommandError("Run it again for those in use.")
        if done.unreadable:
            raise CommandError(
                "People whose tokens no key opens have to sign in again, or their key is missing."
            )
