"""Addresses: each part brings its own `urls` module; a part that is not there brings none."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PARTS = ("governance.urls", "jobs.urls", "publications.urls", "portal.pages.urls")

urlpatterns: list[URLPattern | URLResolver] = [path("accounts/", include("allauth.urls"))]
for part in PARTS:
    package = part.rpartition(".")[0]
    if find_spec(package) and find_spec(part):
        urlpatterns.append(path("", include(part)))
