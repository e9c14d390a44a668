"""Decisions as they were made: kept while a pull request is open, then the very file that stands in Git."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class DecisionRecord(models.Model):
    """One pull request of a project's Code Repo, by names: a rebuild drops the projection, and never this.

    While it is open `last` is the newest decision with its facts, `pressed` the one on which a person pressed
    merge: {"head", "at", "policy_blob", "decision", "facts"}. Once it is merged `text` is its file, for good.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PENDING = "pending"  # merged; the file is not known to be in Git yet
        WRITTEN = "written"
        DIFFERS = "differs"  # what stands in Git is not what was decided here, or cannot be believed

    project = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    last = models.JSONField(null=True)
    pressed = models.JSONField(null=True)
    text = models.TextField(blank=True)
    status = models.CharField(max_length=12, blank=True)  # of the decision in `text`, or unknown
    in_portal = models.BooleanField(null=True)  # merged in the portal, by `text`
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_decision_record"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "pending", "written", "differs"]), name="known_record_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "number"], condition=Q(state="pending"), name="pending_decision_records"
            )
        ]

    def __str__(self) -> str:
        return f"decision on {self.project}#{self.number} ({self.state})"
