"""What GitHub would let through in the repository of a project or node, as it was last read."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from governance.models.places import Node, Project


class Posture(models.Model):
    """One for each place. `read_at` is when the reading that its findings come from was begun.

    `unread_since` says since when GitHub could not be read at all: what was found before stays, and
    nothing is called clean. `witnessed` holds whom rulesets let by, as an administrator's token saw it:
    by ruleset id, `updated_at` and `bypass`, true until the ruleset is changed.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, null=True, related_name="posture")
    node = models.OneToOneField(Node, on_delete=models.CASCADE, null=True, related_name="posture")
    read_at = models.DateTimeField(null=True)
    unread_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    witnessed = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=True) ^ Q(node__isnull=True), name="posture_of_one_place"
            ),
        ]

    def __str__(self) -> str:
        return f"posture of {self.place}"

    @property
    def place(self) -> Project | Node:
        place = self.project or self.node
        assert place is not None  # the constraint above
        return place


class PostureFinding(models.Model):
    """One thing found, since when; `code` and `about` name it."""

    posture = models.ForeignKey(Posture, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=40)
    about = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["posture", "id"]
        constraints = [
            models.UniqueConstraint(fields=["posture", "code", "about"], name="one_posture_finding")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.about}".strip()
