"""What the App does with events that did not arrive: it lists them, reads one, and has it sent once more."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from governance.github import connection, hook_deliveries
from governance.github.installation import Installations
from governance.github.port import Reader
from governance.trial.record import Trial

UNSEEN = timedelta(hours=1)
ONE = "/app/hook/deliveries/{id}"
READS, REPEATS = (f"GET {ONE}", "an event, as it was sent"), (f"POST {ONE}/attempts", "an event once more")
NONE = "GitHub sent this App nothing in the last hour. Push to a repository that it has, then try again."


def act(trial: Trial, installations: Installations, reader: Reader) -> None:
    """The newest one, whatever became of it: the portal takes a GUID once, however often it comes.

    Raises Stopped.
    """
    listed = trial.need(
        "GET /app/hook/deliveries",
        "events that did not arrive",
        lambda: reader.deliveries(timezone.now() - UNSEEN),
        needs="a webhook in the App's settings",
    )
    newest = listed.newest
    if newest is None:
        trial.skip(*READS, NONE)
        trial.skip(*REPEATS, NONE)
        return
    trial.try_(*READS, lambda: hook_deliveries.payload(connection(), installations.jwt(), newest))
    trial.try_(*REPEATS, lambda: reader.redeliver(newest))
