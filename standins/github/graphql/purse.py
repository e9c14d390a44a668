"""The points that a caller has for queries in this hour."""

from __future__ import annotations

from dataclasses import dataclass

from standins.github.clock import from_epoch
from standins.github.graphql.price import Price
from standins.github.rates import PrimaryLimit, SecondaryLimit
from standins.github.site import Site


@dataclass(frozen=True)
class RateLimit:
    """What this query cost, and what is left after it."""

    cost: int
    node_count: int
    limit: int
    used: int
    remaining: int
    reset_at: str


@dataclass(frozen=True)
class Purse:
    """`caller` as in `rest.manners.caller_of`."""

    site: Site
    caller: str

    def pay(self, price: Price) -> RateLimit:
        """A mutation is a write that creates content. Raises the limit that is met, where limits bite."""
        limits = self.site.rates.limits
        if self.site.rates.hurried(self.caller, writes=price.writes, creates=price.writes):
            raise SecondaryLimit(limits.status, limits.retry_after)
        if not self.site.rates.spend(self.caller, "graphql", price.points):
            raise PrimaryLimit(self.caller, limits.status)
        hour = self.site.rates.hour(self.caller, "graphql")
        reset = from_epoch(hour.reset)
        return RateLimit(price.points, price.nodes, hour.limit, hour.used, hour.remaining, reset)
