"""Addresses: each part brings its own `urls` module; a part that is not there brings none.

Of allauth's addresses there are those of signing in with GitHub, and no other.
"""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account
from allauth.socialaccount import views as socialaccount
from django.urls import URLPattern, URLResolver, include, path

PARTS = ("governance.urls", "jobs.urls", "publications.urls", "portal.pages.urls")
SIGN_IN = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("cancelled/", socialaccount.login_cancelled, name="socialaccount_login_cancelled"),
    path("error/", socialaccount.login_error, name="socialaccount_login_error"),
    path("", include("allauth.socialaccount.providers.github.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [path("accounts/", include(SIGN_IN))]
for part in PARTS:
    package = part.rpartition(".")[0]
    if find_spec(package) and find_spec(part):
        urlpatterns.append(path("", include(part)))
