"""Rows of governance: people, nodes and projects, pull requests, messages, work and audit."""

from governance.models.acts import RemoteAct
from governance.models.audit import AuditEvent
from governance.models.decisions import DecisionRecord
from governance.models.messages import InboundMessage, OutboundMessage
from governance.models.outbox import Outgoing, Pace
from governance.models.people import Person, Team, TeamMember, UserToken
from governance.models.places import Node, Project, Registration, ServiceState
from governance.models.posture import Posture, PostureFinding
from governance.models.pull_requests import CheckRun, Comment, PullRequest, Review
from governance.models.work import Bookmark, FailedDelivery, WebhookDelivery, Work

__all__ = [
    "AuditEvent",
    "Bookmark",
    "CheckRun",
    "Comment",
    "DecisionRecord",
    "FailedDelivery",
    "InboundMessage",
    "Node",
    "OutboundMessage",
    "Outgoing",
    "Pace",
    "Person",
    "Posture",
    "PostureFinding",
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
