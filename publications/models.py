"""Outputs in review, publications with their files, downloads, previews and personal tokens."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from governance.models import Node, Person, Project, PullRequest, Registration
from jobs.models import JobRequest


class ResultManifest(models.Model):
    """`results/<id>/<node>/manifest.yaml` at the head of a result pull request."""

    pull_request = models.OneToOneField(PullRequest, on_delete=models.CASCADE, related_name="manifest")
    head_sha = models.CharField(max_length=40)
    request = models.ForeignKey(JobRequest, on_delete=models.CASCADE, null=True, related_name="manifests")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="manifests")
    request_blob = models.CharField(max_length=40)
    run = models.CharField(max_length=40)
    root_run = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    image = models.CharField(max_length=300, blank=True)  # empty: the code location is no container
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    disclosure = models.JSONField(null=True)  # empty: not checked by a scanner

    def __str__(self) -> str:
        return f"manifest of {self.pull_request}"


class Output(models.Model):
    """One output in review, as the manifest at the pull request's head states it."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="outputs")
    head_sha = models.CharField(max_length=40)
    name = models.CharField(max_length=50)
    path = models.CharField(max_length=200)  # results/<id>/<node>/<name>
    controls = models.TextField(blank=True)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    md5 = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["pull_request", "name"], name="one_output")]

    def __str__(self) -> str:
        return self.path


class Publication(models.Model):
    """A merged result pull request, released or on its way, as the node last reported it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        HELD = "held"
        RELEASING = "releasing"
        UNFINISHED = "unfinished"
        RELEASED = "released"
        WITHDRAWN = "withdrawn"

    pull_request = models.OneToOneField(PullRequest, on_delete=models.PROTECT, related_name="publication")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="publications")
    request = models.ForeignKey(JobRequest, on_delete=models.PROTECT, related_name="publications")
    node = models.ForeignKey(Node, on_delete=models.PROTECT, related_name="publications")
    merge_sha = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    reason = models.TextField(blank=True)
    bytes_done = models.BigIntegerField(default=0)
    bytes_total = models.BigIntegerField(default=0)
    since = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="released") | Q(released_at__isnull=False), name="released_has_a_time"
            )
        ]
        indexes = [
            models.Index(fields=["project", "state", "-since"]),
            models.Index(fields=["request", "node"]),
        ]

    def __str__(self) -> str:
        return f"{self.request} from {self.node}: {self.state}"


class PublishedFile(models.Model):
    """A file in publication storage, addressed there by its md5 in DVC's remote layout."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=300)  # <output> or <output>/<file> of a directory
    md5 = models.CharField(max_length=40)  # with the ending .dir for a directory's own listing
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100, blank=True)
    seen_at = models.DateTimeField(null=True)  # when the last listing began that saw it in the store
    seen_size = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["path"]
        constraints = [models.UniqueConstraint(fields=["publication", "path"], name="one_published_file")]
        indexes = [models.Index(fields=["md5"])]

    def __str__(self) -> str:
        return self.path


class StoreReading(models.Model):
    """What the store of a project on a node holds, as it was last listed from end to end.

    `read_at` is when that listing was begun; `began_at`, `cursor` and `listed` are of the one under way.
    `unread_since` says since when the store could not be listed: what was found before stays, and nothing
    is taken for whole.
    """

    registration = models.OneToOneField(Registration, on_delete=models.CASCADE, related_name="store_reading")
    read_at = models.DateTimeField(null=True)
    objects_there = models.BigIntegerField(default=0)
    strangers = models.BigIntegerField(default=0)  # of them, those that belong to no release
    unread_since = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    began_at = models.DateTimeField(null=True)
    cursor = models.TextField(blank=True)
    listed = models.BigIntegerField(default=0)
    strange = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"store of {self.registration}"


class StoreObject(models.Model):
    """An object that belongs to no release; of very many the first are kept, and all are counted."""

    reading = models.ForeignKey(StoreReading, on_delete=models.CASCADE, related_name="objects_kept")
    key = models.CharField(max_length=1024)
    size = models.BigIntegerField()
    modified_at = models.DateTimeField()
    since = models.DateTimeField()  # when it was first listed
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["since", "key"]
        constraints = [models.UniqueConstraint(fields=["reading", "key"], name="one_store_object")]

    def __str__(self) -> str:
        return self.key


class Download(models.Model):
    class Via(models.TextChoices):
        BROWSER = "browser"
        DVC = "dvc"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="downloads")
    file = models.ForeignKey(PublishedFile, on_delete=models.CASCADE, related_name="downloads")
    via = models.CharField(max_length=10, choices=Via)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["file", "-at"])]

    def __str__(self) -> str:
        return f"{self.file} by {self.person}"


class Preview(models.Model):
    """A page of an output, made on the node for one viewer, sealed to a key pair made for it."""

    class State(models.TextChoices):
        WANTED = "wanted"
        MADE = "made"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="previews")
    head_sha = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    page = models.PositiveIntegerField(default=1)
    viewer = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="previews")
    public_key = models.CharField(max_length=44)
    private_key = models.BinaryField()  # encrypted with the portal's token keys
    state = models.CharField(max_length=10, choices=State, default=State.WANTED)
    sealed = models.TextField(blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["viewer", "pull_request", "head_sha", "path", "page"]),
            models.Index(fields=["expires_at"]),
        ]

    def __str__(self) -> str:
        return f"preview of {self.path} for {self.viewer}"


class PersonalToken(models.Model):
    """A person's password for the DVC address; only its SHA-256 is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="personal_tokens")
    name = models.CharField(max_length=100)
    start = models.CharField(max_length=12)  # shown to tell tokens apart
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
