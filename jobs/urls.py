"""Addresses of new requests and drafts."""

from django.urls import path

from jobs import views

urlpatterns = [
    path("projects/<slug:project>/requests/new/", views.choose_job, name="new_request"),
    path("projects/<slug:project>/requests/new/<slug:job>/", views.new_request, name="request_form"),
    path("projects/<slug:project>/requests/<slug:slug>/repeat/", views.repeat, name="repeat"),
    path("drafts/<uuid:draft>/", views.draft, name="draft"),
    path("drafts/<uuid:draft>/preview/", views.preview, name="preview_request"),
    path("drafts/<uuid:draft>/send/", views.send, name="send_request"),
    path("drafts/<uuid:draft>/discard/", views.discard, name="discard_draft"),
]
