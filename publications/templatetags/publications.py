"""The badge of a release on the pages of publications."""

from __future__ import annotations

from django import template

from jobs.states import State

register = template.Library()

STATES = {
    "waiting": State.WAITING_FOR_NODE,
    "held": State.HELD,
    "releasing": State.RELEASING,
    "unfinished": State.RELEASE_UNFINISHED,
    "released": State.RELEASED,
    "withdrawn": State.WITHDRAWN,
}


@register.filter
def release_state(state: str) -> State:
    """The state of work that a release's state is, for its badge."""
    return STATES[state]
