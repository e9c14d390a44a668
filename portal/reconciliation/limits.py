"""How old a word may be, and how long work may take, before the page speaks of it."""

from __future__ import annotations

from datetime import timedelta

MOST = 25  # of one kind in one project that a page shows
RECORD_WITHIN = timedelta(minutes=10)  # of the merge it is in Git
STARTED_WITHIN = timedelta(minutes=15)  # of the merge a node has started it
RUN_SETTLES = timedelta(minutes=5)  # a node may start what the portal has not read yet
POSTED_WITHIN = timedelta(minutes=2)  # of the decision its check is on GitHub
SETTLED_WITHIN = timedelta(minutes=2)  # an act has an outcome
PULL_SILENT = timedelta(minutes=30)  # each pass reads some open ones whole, and glances at the rest
PROJECT_SILENT = timedelta(minutes=5)  # main is glanced at every 30 s
TEAM_SILENT = timedelta(minutes=5)  # as long as a permission opens unreleased outputs
NODE_SILENT = timedelta(minutes=5)  # a node tells of its runs every 60 s
STORE_SILENT = timedelta(minutes=30)  # a store is listed every 10 min
OBJECT_SETTLES = timedelta(minutes=30)  # what was written just now may be of a release not told of yet
KEEPS_FAILING = 4  # attempts, which are a minute of pauses
DELIVERIES_SILENT = timedelta(minutes=5)  # GitHub's list is read every 60 s
