"""Rows of governance: people, nodes and projects, pull requests, messages, work and audit."""

from governance.models.acts import RemoteAct
from governance.models.audit import AuditEvent
from governance.models.messages import InboundMessage, OutboundMessage
from governance.models.people import Person, Team, TeamMember, UserToken
from governance.models.places import Node, Project, Registration, ServiceState
from governance.models.pull_requests import CheckRun, Comment, PullRequest, Review
from governance.models.work import WebhookDelivery, Work

__all__ = [
    "AuditEvent",
    "CheckRun",
    "Comment",
    "InboundMessage",
    "Node",
    "OutboundMessage",
    "Person",
    "Project",
    "PullRequest",
    "Registration",
    "RemoteAct",
    "Review",
    "ServiceState",
    "Team",
    "TeamMember",
    "UserToken",
    "WebhookDelivery",
    "Work",
]
