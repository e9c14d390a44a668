"""Switches that make this GitHub slow, broken, forgetful, full or older: off until somebody sets one.

In process they are `site.faults.set(CallFault(...))`, `site.rates.limits = Limits(...)` and
`clock.advance(seconds)`; from another process, on loopback only, JSON under `/_standin`:

| call | what it does |
|---|---|
| `POST /_standin/faults` | sets a switch; 201 with its `id` |
| `GET /_standin/faults` | the switches that are set, each with how many `times` are left (null: no end) |
| `DELETE /_standin/faults`, `.../faults/{id}` | takes back all, or one; 204 |
| `GET`, `PUT /_standin/limits` | the rate limits and whether they bite; fields as in `rates.Limits` |
| `POST /_standin/clock` | `{"advance": seconds}` puts the stand-in's clock ahead, `{"reset": true}` back |
| `POST /_standin/accounts/{login}` | `{"suspended": true}`, or false; `{"login": "new"}` renames |
| `DELETE /_standin/accounts/{login}` | removes a person; what they made becomes the ghost's |
| `POST /_standin/installations` | `{"app": id, "account": login, "repositories": [names] or null}` |

A switch on calls: `{"on": "call", "effect": ..., "method": "PUT", "path": "*/merge"}`. `method` and
`path` are patterns (`*` crosses slashes) over the whole path, git over HTTP and OAuth included; `body`
is text that the request must hold, such as the name of a GraphQL mutation. Effects:

* `slow`: waits `seconds`, then acts; `slow_answer`: acts, then waits before it answers;
* `fail_before`, `fail_after`: answers with `status` (502) instead of acting, or after having acted;
* `primary_limit`, `secondary_limit`: refuses as GitHub does where a rate limit is used up; the caller
  may come back after `seconds`.

A switch on webhooks: `{"on": "webhook", "effect": ..., "event": "pull_request", "app": 3001}`; `event`
is a pattern, `app` null means any. Effects:

* `drop`: never sent, nor listed; `fail`: listed as failed, and not sent;
* `double`: sent twice under one GUID;
* `delay`: sent after `seconds`; `reorder`: sent after the next one, or after `seconds` where none comes.

`times` is how often a switch works (1); null means until it is taken back. What is unknown, of another
type or without sense for its effect is refused with 422.
"""

from __future__ import annotations

from starlette.routing import BaseRoute

from standins.github import clock
from standins.github.faults.routes import ROUTES
from standins.github.seed import Seed
from standins.github.site import Site


def install(site: Site, seed: Seed) -> list[BaseRoute]:  # noqa: ARG001 - every part is installed alike
    site.on_close(clock.reset)
    return list(ROUTES)
