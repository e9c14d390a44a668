"""Addresses of home, lists, threads, reviews, projects, nodes and the account."""

from __future__ import annotations

from django.conf import settings
from django.urls import path

from portal.pages import audit, changes, components, home, places, reconciliation, reviews, status, threads

CHANGE = "projects/<slug:project>/changes/<int:number>/"
THREAD = "projects/<slug:project>/requests/<slug:slug>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("requests/", home.requests, name="requests"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/next/", reviews.next_review, name="next_review"),
    path("projects/", places.projects, name="projects"),
    path("projects/<slug:project>/", places.project, name="project"),
    path("nodes/", places.nodes, name="nodes"),
    path("nodes/<slug:node>/", places.node, name="node"),
    path("nodes/<slug:node>/changes/<int:number>/", changes.node_change, name="node_change"),
    path("account/", places.account, name="account"),
    path("audit/", audit.audit, name="audit"),
    path("reconciliation/", reconciliation.reconciliation, name="reconciliation"),
    path("reconciliation/repair/", reconciliation.repair, name="repair"),
    path("status", status.status, name="status"),
    path(THREAD, threads.thread, name="thread"),
    path(f"{THREAD}live/", threads.live, name="thread_live"),
    path(f"{THREAD}comment/", threads.comment, name="comment"),
    path(f"{THREAD}review/", threads.review, name="review"),
    path(CHANGE, changes.change, name="change"),
    path(f"{CHANGE}approve/", changes.approve, name="approve"),
    path(f"{CHANGE}request-changes/", changes.request_changes, name="request_changes"),
    path(f"{CHANGE}bring-up-to-date/", changes.bring_up_to_date, name="bring_up_to_date"),
    path(f"{CHANGE}close/", changes.close, name="close"),
    path(f"{CHANGE}merge/", changes.merge, name="merge"),
]
if settings.DEBUG:
    urlpatterns.append(path("components/", components.components, name="components"))
