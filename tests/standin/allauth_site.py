"""A Django site of nothing but django-allauth, which signs one person in; run by `test_oauth.py`.

Arguments: the stand-in's address, the account to choose. Prints the account's number, its address, and
whether tokens that can be renewed were kept.
"""

from __future__ import annotations

import sys
from urllib.parse import parse_qsl, urlsplit

import django
import httpx
from django.conf import settings
from django.urls import URLResolver, include, path

GITHUB, LOGIN = sys.argv[1:3]
HOST = "127.0.0.1:9"
APP = {"client_id": "Iv1.lockgate", "secret": "test-only-secret-of-lockgate"}

settings.configure(
    SECRET_KEY="test-only",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.github",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    SOCIALACCOUNT_LOGIN_ON_GET=True,
    SOCIALACCOUNT_STORE_TOKENS=True,
    ACCOUNT_EMAIL_VERIFICATION="none",
    SOCIALACCOUNT_PROVIDERS={"github": {"GITHUB_URL": GITHUB, "APPS": [APP], "OAUTH_PKCE_ENABLED": True}},
)
urlpatterns: list[URLResolver] = []


def sign_in() -> None:
    from django.test import Client

    browser = Client(headers={"host": HOST})
    there = urlsplit(browser.get("/accounts/github/login/").headers["location"])
    asked = dict(parse_qsl(there.query))
    with httpx.Client(base_url=GITHUB) as github:
        chosen = github.post("/login/oauth/authorize", data={**asked, "login": LOGIN})
    back = urlsplit(chosen.headers["location"])
    browser.get(f"{back.path}?{back.query}").headers["location"]


def main() -> None:
    django.setup()
    urlpatterns.append(path("accounts/", include("allauth.urls")))
    from allauth.socialaccount.models import SocialToken
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    sign_in()
    token = SocialToken.objects.get()
    renewable = bool(token.token_secret and token.expires_at)
    sys.stdout.write(f"{token.account.uid} {token.account.user.email} {renewable}\n")


main()
