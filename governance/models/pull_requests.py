"""Pull requests as rows, with what decides about them: checks, reviews, comments, verdict and decision."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.models.people import Person
from governance.models.places import Node, Project

KINDS = (
    "job_request",
    "result_publication",
    "withdrawal",
    "code_change",
    "policy_change",
    "project_registration",
    "node_change",
)


class PullRequest(models.Model):
    """A pull request of a Code Repo (`project` set) or of a Node Repo (`node` set).

    `read_at` is when the reading was begun: an older one never overwrites a newer.
    `status` mirrors the stored decision; both are empty until the first verdict.
    """

    class State(models.TextChoices):
        OPEN = "open"
        MERGED = "merged"
        CLOSED = "closed"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="pull_requests")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, related_name="pull_requests")
    number = models.PositiveIntegerField()
    graphql_id = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=30, blank=True, choices=[(kind, kind) for kind in KINDS])
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="pull_requests")
    head_ref = models.CharField(max_length=255)
    head_sha = models.CharField(max_length=40)
    base_ref = models.CharField(max_length=255)
    base_sha = models.CharField(max_length=40)
    merge_base = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    mergeable = models.BooleanField(null=True)
    merge_sha = models.CharField(max_length=40, blank=True)
    merged_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="merged_pull_requests"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    merged_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    head_since = models.DateTimeField(null=True)  # when this head was first read here
    request = models.CharField(max_length=64, blank=True)  # id of the job request it is about
    result_node = models.CharField(max_length=40, blank=True)  # name of the node that results come from
    node_names = ArrayField(models.CharField(max_length=40), default=list)  # nodes that it names
    commit_authors = ArrayField(models.BigIntegerField(), default=list)
    pushers = ArrayField(models.BigIntegerField(), default=list)
    unknown_author = models.BooleanField(default=False)
    unknown_pusher = models.BooleanField(default=False)
    verdict = models.JSONField(null=True)  # of the gate: {"head", "kind", "problems": [...], "cannot_tell"}
    decision = models.JSONField(null=True)  # lockgate.policy.to_json of the decision on this head
    status = models.CharField(max_length=12, blank=True)
    decided_at = models.DateTimeField(null=True)
    checks_mark = models.CharField(max_length=32, blank=True)  # changes with the head's check suites
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_number_in_a_code_repo"),
            models.UniqueConstraint(fields=["node", "number"], name="one_number_in_a_node_repo"),
            models.CheckConstraint(
                condition=Q(project__isnull=True) ^ Q(node__isnull=True), name="project_or_node"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "merged", "closed"]), name="known_pull_request_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | ~Q(merge_sha=""), name="merged_has_a_merge_commit"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "state", "-created_at"]),
            models.Index(fields=["node", "state", "-created_at"]),
            models.Index(fields=["project", "request", "kind"]),
            models.Index(fields=["head_sha"]),
            models.Index(fields=["status", "created_at"], condition=Q(state="open"), name="open_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.place}#{self.number}"

    @property
    def place(self) -> Project | Node:
        place = self.project or self.node
        assert place is not None  # held by the constraint
        return place

    @property
    def repository(self) -> str:
        """`owner/name` on GitHub."""
        place = self.place
        return place.code_repo if isinstance(place, Project) else place.repo

    @property
    def newest_checks(self) -> list[CheckRun]:
        """The head's check runs by name; of one name from one App the newest, as GitHub shows them."""
        at_head = [check for check in self.checks.all() if check.head_sha == self.head_sha]
        by_age = sorted(at_head, key=lambda check: check.remote_id)
        newest = {(check.name, check.app_id): check for check in by_age}
        return sorted(newest.values(), key=lambda check: check.name)


class CheckRun(models.Model):
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="checks")
    remote_id = models.BigIntegerField()
    head_sha = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    app_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=20)
    conclusion = models.CharField(max_length=20, blank=True)
    summary = models.TextField(blank=True)
    url = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "remote_id"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "remote_id"], name="one_check_run")]

    def __str__(self) -> str:
        return f"{self.name}: {self.conclusion or self.status}"


class Review(models.Model):
    """A review, bound to the head, base and merge base that stood when it was first read."""

    class State(models.TextChoices):
        APPROVED = "approved"
        CHANGES_REQUESTED = "changes_requested"
        COMMENTED = "commented"
        DISMISSED = "dismissed"

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="reviews")
    remote_id = models.BigIntegerField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(max_length=20, choices=State)
    body = models.TextField(blank=True)
    head_sha = models.CharField(max_length=40)
    base_ref = models.CharField(max_length=255, blank=True)
    merge_base = models.CharField(max_length=40, blank=True)
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["submitted_at", "remote_id"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "remote_id"], name="one_review")]

    def __str__(self) -> str:
        return f"{self.author} {self.state}"


class Comment(models.Model):
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="comments")
    remote_id = models.BigIntegerField()
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="comments")
    body = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "remote_id"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "remote_id"], name="one_comment")]

    def __str__(self) -> str:
        return f"comment of {self.author}"
