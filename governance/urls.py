from django.urls import path

from governance import webhooks

urlpatterns = [path("webhooks/github", webhooks.github, name="github_webhook")]
