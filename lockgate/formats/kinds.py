"""The kinds of pull request."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a pull request asks for; each kind has its own rules and its own quorum."""

    JOB_REQUEST = "job_request"
    RESULT_PUBLICATION = "result_publication"
    WITHDRAWAL = "withdrawal"
    CODE_CHANGE = "code_change"
    POLICY_CHANGE = "policy_change"
    PROJECT_REGISTRATION = "project_registration"
    NODE_CHANGE = "node_change"
