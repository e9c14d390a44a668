"""Job types, requests, their lanes on each node, runs, and drafts of requests."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance.models import Node, Person, Project, PullRequest
from jobs.json_text import JSONTextField


class JobType(models.Model):
    """`job_types/<name>.json` of main; `current` is false where main no longer has it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="job_types")
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    schema = JSONTextField()
    outputs = models.JSONField()  # [{"name", "kind", "media_type", "description"}]
    blob = models.CharField(max_length=40)
    current = models.BooleanField(default=True)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_job_type")]

    def __str__(self) -> str:
        return self.title


class JobRequest(models.Model):
    """`jobs/<slug>.yaml`, from the head of its pull request or, once merged, from main."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="requests")
    slug = models.CharField(max_length=64)  # the request's id
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    job = models.CharField(max_length=40)
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="requests")
    nodes = ArrayField(models.CharField(max_length=40))
    parameters = JSONTextField(default=dict)
    outputs = JSONTextField(default=dict)  # {"name": {"controls": ...}}
    repeats = models.CharField(max_length=64, blank=True)
    depends_on = ArrayField(models.CharField(max_length=64), default=list)
    blob = models.CharField(max_length=40)
    pull_request = models.OneToOneField(
        PullRequest, on_delete=models.SET_NULL, null=True, related_name="job_request"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["project", "slug"], name="one_request")]
        indexes = [
            models.Index(fields=["project", "-created_at"]),
            models.Index(fields=["requester", "-created_at"]),
            models.Index(fields=["project", "job", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.slug


class Lane(models.Model):
    """One merged request on one node, as the node last reported it."""

    class State(models.TextChoices):
        WAITING_FOR_NODE = "waiting_for_node", "Waiting for node"
        WAITING_FOR_RESULTS = "waiting_for_results", "Waiting for results"
        HELD = "held", "Held: merged without approval"
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        RUN_FAILED = "run_failed", "Run failed"
        CANCELLED = "cancelled", "Cancelled"
        COLLECTING = "collecting", "Collecting"
        COLLECTION_REFUSED = "collection_refused", "Outputs refused by the node"
        IN_REVIEW = "in_review", "Outputs in review"
        REJECTED = "rejected", "Rejected"
        RELEASING = "releasing", "Releasing"
        RELEASE_HELD = "release_held", "Held: merged without approval"
        RELEASE_UNFINISHED = "release_unfinished", "Release unfinished"
        RELEASED = "released", "Released"
        WITHDRAWN = "withdrawn", "Withdrawn"

    request = models.ForeignKey(JobRequest, on_delete=models.CASCADE, related_name="lanes")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="lanes")
    state = models.CharField(max_length=20, choices=State, default=State.WAITING_FOR_NODE)
    reason = models.TextField(blank=True)
    since = models.DateTimeField()
    result = models.ForeignKey(  # the newest result pull request
        PullRequest, on_delete=models.SET_NULL, null=True, related_name="result_lanes"
    )

    class Meta:
        ordering = ["node__name"]
        constraints = [models.UniqueConstraint(fields=["request", "node"], name="one_lane")]
        indexes = [models.Index(fields=["state", "since"])]

    def __str__(self) -> str:
        return f"{self.request} on {self.node}: {self.state}"


class Run(models.Model):
    """A run of Dagster on a node; a retry shares `root_run` with the first."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="runs")
    run = models.CharField(max_length=40)
    root_run = models.CharField(max_length=40)
    status = models.CharField(max_length=10, choices=Status)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_step = models.CharField(max_length=200, blank=True)
    error_class = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["lane", "run"], name="one_run")]

    def __str__(self) -> str:
        return f"{self.run}: {self.status}"


class Draft(models.Model):
    """What a researcher has typed so far; only the owner sees it. `request` is set once it was sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="drafts")
    job = models.CharField(max_length=40)
    values = models.JSONField(default=dict)  # the form's fields as typed: {"name": ["text", ...]}
    request = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-saved_at"]
        indexes = [models.Index(fields=["owner", "-saved_at"], condition=Q(request=""), name="open_drafts")]

    def __str__(self) -> str:
        return f"draft of {self.job} by {self.owner}"
