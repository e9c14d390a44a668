"""Webhook deliveries, seen once each, and work that is due."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class WebhookDelivery(models.Model):
    """A signed delivery, once for each GUID. It is a hint where to look; nothing else of it is kept.

    `processed_at` is set in the transaction that asks for what it hints at.
    """

    guid = models.CharField(max_length=100, unique=True)
    event = models.CharField(max_length=60)
    action = models.CharField(max_length=60, blank=True)
    repository = models.CharField(max_length=200, blank=True)
    repository_id = models.BigIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    head_sha = models.CharField(max_length=40, blank=True)
    organization = models.CharField(max_length=100, blank=True)
    team = models.CharField(max_length=100, blank=True)
    installation = models.BigIntegerField(null=True)
    account = models.BigIntegerField(null=True)  # who did it
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(processed_at__isnull=True), name="unprocessed"),
            models.Index(fields=["received_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.guid}"


class FailedDelivery(models.Model):
    """A delivery that GitHub could not hand over, by GitHub's own list; gone once an attempt arrived.

    What it hints at was taken from the list when it was found there. `asked_at`: somebody wants it delivered
    again; `tried_at`: GitHub was asked to, which is done once for each wish.
    """

    guid = models.CharField(max_length=100, unique=True)
    remote_id = models.BigIntegerField()
    event = models.CharField(max_length=60)
    status = models.CharField(max_length=200)  # how the last attempt ended, in GitHub's words
    delivered_at = models.DateTimeField()
    found_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "failed deliveries"
        ordering = ["delivered_at"]
        indexes = [models.Index(fields=["delivered_at"])]

    def __str__(self) -> str:
        return f"{self.event} {self.guid}: {self.status}"


class Bookmark(models.Model):
    """Up to when something outside has been looked through."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.at}"


class Work(models.Model):
    """One thing to look at again. Asking twice before it is done asks once.

    A worker holds it until `leased_until`; `wanted` counts the askings, so that one which comes
    while a worker is at it is not lost.
    """

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    wanted = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "work"
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="one_work")]
        indexes = [models.Index(fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
