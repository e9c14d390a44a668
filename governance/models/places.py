"""Nodes and projects: rows of what the Node Repo and the Code Repo say on their default branch."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Repository(models.Model):
    """What a row knows of its repository. `problem` says why the last reading could not be used."""

    repository_id = models.BigIntegerField(null=True)
    default_branch = models.CharField(max_length=255, default="main")
    main_sha = models.CharField(max_length=40, blank=True)
    required_checks = models.JSONField(null=True)  # [[name, app id or null], ...] by protection; null: none
    confirmed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=1000, blank=True)
    # All pull requests that changed up to here are read or asked for; empty before the first reading of all.
    seen_to = models.DateTimeField(null=True)
    # While all pull requests are read, page by page: since when, and behind which page it goes on.
    history_began = models.DateTimeField(null=True)
    history_cursor = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class Node(Repository):
    name = models.CharField(max_length=40, unique=True)
    repo = models.CharField(max_length=200, unique=True)  # owner/name
    app_id = models.BigIntegerField()
    app_slug = models.CharField(max_length=100)
    app_account = models.BigIntegerField()
    message_key = models.CharField(max_length=44)
    portal_app_id = models.BigIntegerField()
    controllers = ArrayField(models.CharField(max_length=200), default=list)
    maintainers = ArrayField(models.CharField(max_length=200), default=list)
    addresses = models.JSONField(default=dict)
    storage = models.JSONField(default=dict)

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        permissions = [
            ("view_node", "May see the node"),
            ("decide_node", "Is a controller of the node"),
            ("maintain_node", "Is a maintainer of the node"),
        ]

    def __str__(self) -> str:
        return self.name


class Project(Repository):
    name = models.SlugField(max_length=40, unique=True)
    code_repo = models.CharField(max_length=200, unique=True)  # owner/name
    governance = models.JSONField(default=dict)  # governance.yaml of main, as read
    policy_blob = models.CharField(max_length=40, blank=True)
    nodes = models.ManyToManyField(Node, through="Registration", related_name="projects")

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        permissions = [
            ("view_project", "May see the project"),
            ("request_job", "Is a researcher of the project"),
            ("decide_project", "Is a controller of the project or of one of its nodes"),
            ("maintain_project", "Is a maintainer of a node of the project"),
        ]

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    """A project's entry in a Node Repo."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="registrations")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="registrations")
    since = models.CharField(max_length=40)
    code_location = models.CharField(max_length=200)
    publication = models.CharField(max_length=40)  # name of a storage in node.yaml
    minimums = models.JSONField(default=dict)
    approved_before = models.JSONField(default=list)
    runs_reported_at = models.DateTimeField(null=True)  # when the node last told of its runs
    cursor = models.CharField(max_length=40, blank=True)  # how far its sensor has read main

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "node"], name="one_registration")]

    def __str__(self) -> str:
        return f"{self.project} on {self.node}"


class ServiceState(models.Model):
    """A part of a node (`node` set) or of the portal (`node` empty), and since when it is so."""

    class State(models.TextChoices):
        OK = "ok"
        LATE = "late"
        DOWN = "down"
        UNKNOWN = "unknown"

    node = models.ForeignKey(Node, on_delete=models.CASCADE, null=True, related_name="services")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.UNKNOWN)
    since = models.DateTimeField()
    checked = models.DateTimeField()
    effect = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["node", "name"]
        constraints = [
            models.UniqueConstraint(fields=["node", "name"], name="one_state", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(state__in=["ok", "late", "down", "unknown"]), name="known_service_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"
