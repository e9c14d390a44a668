"""Remote acts: recorded before they are tried, so that an outcome that nobody saw can be looked up."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from governance.models.people import Person
from governance.models.places import Node, Project
from governance.models.pull_requests import PullRequest


class RemoteAct(models.Model):
    """Something done on GitHub. `by` is empty where the portal's App does it, through the outbox.

    `key` says what would be the same act again: at most one such act is not failed.
    """

    class State(models.TextChoices):
        RECORDED = "recorded"
        DONE = "done"
        FAILED = "failed"
        UNKNOWN = "unknown"

    class Kind(models.TextChoices):
        OPEN_REQUEST = "open_request"
        APPROVE = "approve"
        REQUEST_CHANGES = "request_changes"
        COMMENT = "comment"
        MERGE = "merge"
        CLOSE = "close"
        POST_CHECK = "post_check"
        UPDATE_BRANCH = "update_branch"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="acts")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="acts")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, related_name="acts")
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, null=True, related_name="acts")
    key = models.CharField(max_length=300)
    target = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.RECORDED)
    outcome = models.JSONField(default=dict)
    recorded_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-recorded_at"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(state="failed"), name="one_act"),
            models.CheckConstraint(
                condition=Q(state__in=["recorded", "done", "failed", "unknown"]), name="known_act_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["recorded_at"], condition=Q(state__in=["recorded", "unknown"]), name="unsettled_acts"
            ),
            models.Index(fields=["pull_request", "kind", "-recorded_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
