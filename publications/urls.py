"""Addresses of publications: outputs in review, released files, and the DVC remote."""

from __future__ import annotations

from django.urls import path

from publications import dvc

urlpatterns = [
    path("dvc/<slug:project>/<path:path>", dvc.serve, name="dvc"),
]
