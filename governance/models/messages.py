"""Messages between portal and nodes, kept until the other side has acknowledged or applied them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class OutboundMessage(models.Model):
    recipient = models.CharField(max_length=60)  # node.<name>
    number = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    wire = models.TextField()  # sealed, as it goes to the broker
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recipient", "number"], name="one_outbound_number")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(acknowledged_at__isnull=True), name="due_outbound")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"


class InboundMessage(models.Model):
    """Stored once for each number of a sender; `applied_at` is set in the transaction that applies it."""

    sender = models.CharField(max_length=60)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    body = models.JSONField()
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "number"], name="one_inbound_number")]

    def __str__(self) -> str:
        return f"{self.kind} from {self.sender}"
