"""People and teams, as GitHub knows them. A person is a numeric account id; the login is display only."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models


class Person(models.Model):
    """An account of GitHub, of a person or of an App's bot, whether or not it ever signed in here."""

    account_id = models.BigIntegerField(unique=True)
    login = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True)
    is_bot = models.BooleanField(default=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.login


class UserToken(models.Model):
    """A person's own GitHub token, encrypted.

    The refresh token works once, so the row is its lock: who sets `refreshing_until` may spend it.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="token")
    access = models.BinaryField()
    refresh = models.BinaryField(null=True)
    expires_at = models.DateTimeField(null=True)
    refreshing_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"token of {self.person}"


class Team(models.Model):
    """A GitHub team that some governance.yaml or node.yaml names; its group carries the permissions."""

    path = models.CharField(max_length=200, unique=True)  # org/slug
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="team")
    confirmed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=500, blank=True)
    members = models.ManyToManyField(Person, through="TeamMember", related_name="teams")

    def __str__(self) -> str:
        return self.path


class TeamMember(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    person = models.ForeignKey(Person, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"
