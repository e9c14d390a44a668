"""Addresses of publications: outputs in review, released files, the DVC remote and its tokens."""

from __future__ import annotations

from django.urls import path

from publications import account, dvc, reviews, views

OUTPUTS = "projects/<slug:project>/requests/<slug:slug>/outputs/<slug:node>/"
PUBLICATION = "projects/<slug:project>/publications/<slug:slug>/"

urlpatterns = [
    path("publications/", views.publications, name="publications"),
    path(PUBLICATION, views.publication, name="publication"),
    path(f"{PUBLICATION}all.zip", views.archive, name="archive"),
    path(f"{PUBLICATION}SHA256SUMS", views.sums, name="sums"),
    path(f"{PUBLICATION}<slug:node>/<path:path>", views.file, name="published_file"),
    path(OUTPUTS, reviews.outputs, name="outputs"),
    path(f"{OUTPUTS}preview/<str:name>/", reviews.preview, name="output_preview"),
    path("previews/<uuid:preview>/image", reviews.preview_image, name="preview_image"),
    path("account/tokens/", account.tokens_page, name="tokens"),
    path("account/tokens/<int:token>/revoke/", account.revoke_token, name="revoke_token"),
    path("dvc/<slug:project>/<path:path>", dvc.serve, name="dvc"),
]
