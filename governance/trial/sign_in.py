"""Signing in, which takes a person and a browser: it is said how to try it."""

from __future__ import annotations

from django.conf import settings

from governance.trial.record import Trial

EXCHANGE = "POST /login/oauth/access_token"


def tell(trial: Trial) -> None:
    """Only this proves what a person's token of the App may do: the tokens of a trial are their own."""
    portal = settings.LOCKGATE.url
    trial.skip(
        EXCHANGE,
        "who signs in gets a token of the App",
        f"It takes a browser: sign in at {portal} and see your name.",
    )
    trial.skip(
        f"{EXCHANGE} (refresh_token)",
        "a token that ends is renewed",
        f"It takes a token of a sign-in: comment on a request at {portal} 8 hours after you signed in.",
    )
