"""The audit: one row for every act, look and download; rows are only ever added, and each seals the last."""

from __future__ import annotations

import pgtrigger
from django.db import models


class AuditEvent(models.Model):
    """Who did what to what, when. It holds no foreign key, so nothing it tells of can take it along.

    `hash` is the SHA-256 of the row's canonical JSON with `previous`, the hash of the row before.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    account_id = models.BigIntegerField(null=True)  # empty: the portal itself
    login = models.CharField(max_length=100)
    action = models.CharField(max_length=60)
    project = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=300)
    details = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-number"]
        indexes = [
            models.Index(fields=["project", "-number"]),
            models.Index(fields=["account_id", "-number"]),
            models.Index(fields=["action", "-number"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'The audit is append-only: cannot truncate it';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.login} {self.action} {self.subject}"
