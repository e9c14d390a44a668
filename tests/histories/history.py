"""A random history: what people do in the portal and past it, what webhooks do, and how time goes by."""

from __future__ import annotations

from governance import actions
from standins.github import store as rows
from tests.governance.seed import ACTIONS, IDS, ORGANIZATION
from tests.governance.world import PROTECTION, a_request
from tests.histories.hands import REPOSITORY, Hands
from tests.histories.steps import step

people = list(IDS)[:5]
controllers = ["controller", "controller-2"]
reviewers = people + 2 * controllers
teams = ["heart-researchers", "heart-controllers", "north-controllers"]
changes = range(6)
first = [0, 0, 0, 1]  # mostly what has waited longest


class History(Hands):
    """Numbers stand for open pull requests in their order. What is refused, is refused."""

    # in the portal

    @step(who=["researcher", "researcher-2"])
    def asks_in_the_portal(self, who: str) -> None:
        request = a_request(who, id=self._slug())
        self._in_the_portal(
            "opens", actions.open_request, project=self.world.project, request=request, by=self._person(who)
        )

    @step(weight=3, change=changes, who=reviewers, act=["approve", "approve", "asks for changes"])
    def reviews_in_the_portal(self, change: int, who: str, act: str) -> None:
        row = self._row(change)
        if row is not None:
            said = {"pull_request": row, "head": row.head_sha, "by": self._person(who), "body": "So I think."}
            done = actions.approve if act == "approve" else actions.request_changes
            self._in_the_portal(act, done, **said)

    @step(weight=3, change=first, who=controllers)
    def merges_in_the_portal(self, change: int, who: str) -> None:
        row = self._row(change)
        if row is not None:
            seen = {"pull_request": row, "head": row.head_sha, "by": self._person(who)}
            self._in_the_portal("merges", actions.merge, **seen)

    @step(change=changes, who=people, act=["comments", "closes", "brings up to date"])
    def acts_in_the_portal(self, change: int, who: str, act: str) -> None:
        row, by = self._row(change), self._person(who)
        if row is None:
            return
        match act:
            case "brings up to date":
                seen = {"pull_request": row, "head": row.head_sha, "by": by}
                self._in_the_portal(act, actions.bring_up_to_date, **seen)
            case "comments":
                self._in_the_portal(act, actions.comment, pull_request=row, body=self._text(), by=by)
            case _:
                self._in_the_portal(act, actions.close, pull_request=row, by=by)

    # past it, on github.com

    @step(weight=2, change=changes, who=people, event=["APPROVE", "REQUEST_CHANGES", "COMMENT"])
    def reviews_on_github(self, change: int, who: str, event: str) -> None:
        body = {"event": event, "body": self._text()}
        self._on_github(event, "POST", f"{self._pull(change)}/reviews", who, body)

    @step(change=changes)
    def dismisses_a_review(self, change: int) -> None:
        pull = self._nth(change)
        last = self._rows(rows.Review, pull_request_id=pull.id, state=("APPROVED", "CHANGES_REQUESTED"))
        if last:
            path = f"{REPOSITORY}/pulls/{pull.number}/reviews/{last[-1].id}/dismissals"
            self._on_github("dismisses", "PUT", path, "maintainer", {"message": "No longer."})

    @step(change=changes, who=people, act=["says", "edits", "deletes", "labels"])
    def talks_on_github(self, change: int, who: str, act: str) -> None:
        pull = self._nth(change)
        issue, body = f"{REPOSITORY}/issues/{pull.number}", {"body": self._text()}
        own = self._rows(rows.Comment, pull_request_id=pull.id)
        if act == "labels":
            self._on_github(act, "POST", f"{issue}/labels", who, {"labels": ["urgent"]})
        elif act == "says" or not own:
            self._on_github("says", "POST", f"{issue}/comments", who, body)
        else:
            writer = next(login for login, number in IDS.items() if number == own[-1].account_id)
            path = f"{REPOSITORY}/issues/comments/{own[-1].id}"
            self._on_github(
                act, *("PATCH", path, writer, body) if act == "edits" else ("DELETE", path, writer)
            )

    @step(change=changes, who=people, said=["title", "closed", "open"])
    def edits_on_github(self, change: int, who: str, said: str) -> None:
        body = {"title": self._text()} if said == "title" else {"state": said}
        pull = self._nth(change, state="closed" if said == "open" else "open")
        self._on_github(said, "PATCH", f"{REPOSITORY}/pulls/{pull.number}", who, body)

    @step(change=changes, who=["controller", "maintainer"])
    def merges_on_github(self, change: int, who: str) -> None:
        self._on_github("merges", "PUT", f"{self._pull(change)}/merge", who, {})

    @step()
    def protection_is_lifted_or_set(self) -> None:
        path = f"{REPOSITORY}/branches/main/protection"
        if self._rows(rows.Protection, branch="main"):
            self._on_github("lifts", "DELETE", path, "maintainer")
        else:
            self._on_github("sets", "PUT", path, "maintainer", PROTECTION)

    @step(weight=3, team=teams, who=people, comes=[True, False])
    def somebody_joins_or_leaves(self, team: str, who: str, comes: bool) -> None:
        path = f"/orgs/{ORGANIZATION}/teams/{team}/memberships/{who}"
        body = {"role": "member"} if comes else None
        self._on_github(
            "joins" if comes else "leaves", "PUT" if comes else "DELETE", path, "maintainer", body
        )

    @step(who=people, permission=["pull", "push", "admin"])
    def becomes_a_collaborator(self, who: str, permission: str) -> None:
        path = f"{REPOSITORY}/collaborators/{who}"
        self._on_github(permission, "PUT", path, "maintainer", {"permission": permission})

    @step(weight=3, change=changes, name=["gate", "ci"], conclusion=["success", "failure"])
    def a_check_ends(self, change: int, name: str, conclusion: str) -> None:
        said = {"name": name, "head_sha": self._nth(change).head_sha, "status": "completed"}
        self.world.api(
            "POST", f"{REPOSITORY}/check-runs", as_=ACTIONS, body={**said, "conclusion": conclusion}
        )
        self._happened(f"Actions: {conclusion}")

    # past it, with git

    @step(who=people, what=["request", "code", "policy", "both"])
    def proposes_with_git(self, who: str, what: str) -> None:
        branch = f"by-git-{self._next()}"
        if self._push(what, branch, self._files(what, who), login=who, start=self._tip("main")):
            body = {"title": self._text(), "head": branch, "base": "main"}
            self._on_github("opens", "POST", f"{REPOSITORY}/pulls", who, body)

    @step(weight=2, change=changes, who=people, what=["request", "code", "both", "withdraws"])
    def pushes_to_its_branch(self, change: int, who: str, what: str) -> None:
        pull = self._nth(change)
        files = self._files(what, who)
        self._push(what, pull.head_ref, files, login=who, start=pull.head_sha)

    @step(change=changes, who=people, what=["request", "code"])
    def pushes_over_its_branch(self, change: int, who: str, what: str) -> None:
        branch, files = self._nth(change).head_ref, self._files(what, who)
        self._push(f"{what} by force", branch, files, login=who, start=self._tip("main"), force=True)

    @step(
        who=["controller", "maintainer"],
        what=["code", "policy", "request"],
    )
    def pushes_to_main(self, who: str, what: str) -> None:
        self._push(what, "main", self._files(what, who), login=who, start=self._tip("main"))

    # what becomes known

    @step(weight=3, how=["come", "are lost", "come twice", "come reversed", "come late"])
    def webhooks(self, how: str) -> None:
        heard = self._heard()
        self._happened(f"webhooks: {how}" if heard else "no webhook was there")
        match how:
            case "are lost":
                heard = []
            case "come twice":
                heard = [*heard, *heard]
            case "come reversed":
                heard = heard[::-1]
            case "come late":
                self.late, heard = heard[::2], self.late + heard[1::2]
        assert {self._hand_over(one) for one in heard} <= {202}

    @step(seconds=[0, 1, 31, 200])
    def the_worker_goes_round(self, seconds: int) -> None:
        self.stage.pass_time(seconds)
        self._happened(f"worker: after {seconds} s")
