"""Webhook deliveries, seen once each, and work that is due."""

from __future__ import annotations

from django.db import models


class WebhookDelivery(models.Model):
    """A signed delivery. It is a hint where to look; nothing else of it is kept."""

    guid = models.CharField(max_length=100, unique=True)
    event = models.CharField(max_length=60)
    action = models.CharField(max_length=60, blank=True)
    repository = models.CharField(max_length=200, blank=True)
    number = models.PositiveIntegerField(null=True)
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.event} {self.guid}"


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
