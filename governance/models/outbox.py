"""What the portal's App has still to write on GitHub, and how fast it may."""

from __future__ import annotations

from django.db import models

from governance.models.acts import RemoteAct


class Outgoing(models.Model):
    """One write that waits. A newer wish of the same key replaces the one before it.

    `wanted` counts the wishes, so that one which comes while a worker is at it is not lost.
    `attempt` is the last try, for as long as nobody knows how it ended.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=300)
    owner = models.CharField(max_length=100)  # the account whose installation writes
    target = models.JSONField(default=dict)
    wanted = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    attempt = models.ForeignKey(RemoteAct, on_delete=models.SET_NULL, null=True, related_name="+")
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "outgoing"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="one_wish")]
        indexes = [models.Index(fields=["owner", "due_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Pace(models.Model):
    """How fast the App's installation on one account may go; shared by all processes.

    A write holds `leased_until` while it is made, and `writes_from` is the earliest time of the next.
    Nothing at all is asked before `paused_until`: GitHub said so.
    """

    owner = models.CharField(max_length=100, unique=True)
    writes_from = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "paces"

    def __str__(self) -> str:
        return f"pace of {self.owner}"
