"""What governance does with nodes' messages: the state of each part of the node."""

from __future__ import annotations

from governance.messages import handles
from governance.models import Node, ServiceState
from lockgate.messages import HealthReported


@handles(HealthReported)
def health_reported(node: Node, body: HealthReported) -> None:
    """Write each part's state; an older report never overwrites a newer, and parts not named are gone."""
    known = {row.name: row for row in node.services.select_for_update()}
    for said in body.services:
        row = known.get(said.name) or ServiceState(node=node, name=said.name[:60])
        if row.pk and row.checked > said.checked:
            continue
        row.state, row.since, row.checked = str(said.state), said.since, said.checked
        row.effect = said.effect[:500]
        row.save()
    if body.services:
        newest = max(said.checked for said in body.services)
        named = [said.name[:60] for said in body.services]
        node.services.exclude(name__in=named).filter(checked__lt=newest).delete()
