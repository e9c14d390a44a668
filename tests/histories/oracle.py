"""What GitHub holds, told by nobody's code but this: plain SQL over its SQLite file and plain git.

Nothing of the product is imported here, and nothing of the local GitHub: where one of them goes wrong,
this does not go wrong with it. Times are texts as GitHub has them.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from tests.histories.truth import Change, Check, Comment, Merged, Open, Place, Request, Review, Truth

ACTIONS, PORTAL_APP = 3003, 3001
POLICY = ("governance.yaml", "CODEOWNERS")
Row = sqlite3.Row


@dataclass(frozen=True)
class Git:
    folder: Path

    def say(self, *arguments: str) -> str | None:
        """What git prints; None where it refuses."""
        return _said(self.folder, self._branches, arguments)

    def lines(self, *arguments: str) -> list[str]:
        return (self.say(*arguments) or "").splitlines()

    @cached_property
    def tips(self) -> dict[str, str]:
        """Branches and where they stand."""
        return dict(line.split(" ") for line in self._branches.splitlines())

    @cached_property
    def _branches(self) -> str:
        listing = ("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads")
        return _git(self.folder, listing) or ""

    def conflicts(self, one: str, other: str) -> bool:
        return self.say("merge-tree", "--write-tree", one, other) is None


@lru_cache(maxsize=2048)
def _said(folder: Path, branches: str, arguments: tuple[str, ...]) -> str | None:
    """While no branch moves git says the same again."""
    return _git(folder, arguments)


def _git(folder: Path, arguments: tuple[str, ...]) -> str | None:
    command = ["git", "--git-dir", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    return done.stdout.strip("\n") if done.returncode == 0 else None


class Oracle:
    """Reads one GitHub: the Code Repo `code` and the Node Repo `node` (their names) below `data`."""

    def __init__(self, data: Path, *, code: str, node: str) -> None:
        self._sql = sqlite3.connect(f"file:{data / 'github.sqlite3'}?mode=ro", uri=True)
        self._sql.row_factory = sqlite3.Row
        self._repository, self._node = (self._one("Repository", name=name)["id"] for name in (code, node))
        self._git = Git(data / "repositories" / f"{self._repository}.git")
        self._node_git = Git(data / "repositories" / f"{self._node}.git")
        self._main = self._git.tips["main"]
        self._policy = yaml.safe_load(self._file(self._git, self._main, "governance.yaml"))
        self._node_yaml = yaml.safe_load(self._file(self._node_git, self._node_git.tips["main"], "node.yaml"))

    def truth(self) -> Truth:
        changes = {row["number"]: self._change(row) for row in self._rows("PullRequest", **self._here)}
        teams = {path: self._members(path) for path in sorted(self._named())}
        found = Truth(changes, self._requests(), teams, self._rights(), self._place)
        self._sql.close()
        return found

    @property
    def _here(self) -> dict[str, int]:
        return {"repository_id": self._repository}

    def _rows(self, table: str, **equal: Any) -> list[Row]:
        where = " AND ".join(f'"{name}" = ?' for name in equal)
        return self._sql.execute(
            f"SELECT * FROM {table} WHERE {where} ORDER BY id", [*equal.values()]
        ).fetchall()

    def _one(self, table: str, **equal: Any) -> Row:
        (row,) = self._rows(table, **equal)
        return row

    @staticmethod
    def _file(git: Git, revision: str, path: str) -> str:
        return git.say("show", f"{revision}:{path}") or ""

    @cached_property
    def _place(self) -> Place:
        protection = self._rows("Protection", **self._here, branch="main")
        required = None
        if protection:
            said = json.loads(protection[0]["settings"])["required_status_checks"] or {"checks": []}
            required = sorted((each["context"], each["app_id"]) for each in said["checks"])
        return Place(
            main=self._main,
            node_main=self._node_git.tips["main"],
            policy=self._policy,
            policy_blob=self._git.say("rev-parse", f"{self._main}:governance.yaml") or "",
            required=required,
            job_types=sorted(
                name.removesuffix(".json")
                for name in self._git.lines("ls-tree", "--name-only", f"{self._main}:job_types")
            ),
        )

    # people

    def _named(self) -> set[str]:
        """Teams that either repository names."""
        nodes = self._policy["nodes"].values()
        found = {*self._policy["researchers"], *self._policy["controllers"]}
        found |= {path for node in nodes for path in node["controllers"]}
        return found | {*self._node_yaml["controllers"], *self._node_yaml["maintainers"]}

    def _members(self, path: str) -> list[int]:
        slug = path.partition("/")[2]
        rows = self._rows("TeamMember", team_id=self._one("Team", slug=slug)["id"])
        return sorted(row["account_id"] for row in rows)

    def _all_in(self, paths: Iterable[str]) -> set[int]:
        return {account for path in paths for account in self._members(path)}

    def _controllers(self) -> tuple[set[int], set[int]]:
        """Of the project, and of the node north by both repositories."""
        by_node = self._all_in(self._policy["nodes"]["north"]["controllers"])
        return (
            self._all_in(self._policy["controllers"]),
            by_node & self._all_in(self._node_yaml["controllers"]),
        )

    def _rights(self) -> dict[int, set[str]]:
        """What each person may do in the project."""
        researchers = self._all_in(self._policy["researchers"])
        deciding = [self._policy["controllers"], self._policy["nodes"]["north"]["controllers"]]
        decide = self._all_in(path for paths in deciding for path in paths)
        maintain = self._all_in(self._node_yaml["maintainers"])
        rights = {
            "view_project": researchers | decide | maintain,
            "request_job": researchers,
            "decide_project": decide,
            "maintain_project": maintain,
        }
        people = [row["id"] for row in self._rows("Account", type="User")]
        return {each: {name for name, whose in rights.items() if each in whose} for each in people}

    # pull requests

    def _change(self, row: Row) -> Change:
        state = "merged" if row["merged_at"] else row["state"]
        base = self._git.tips[row["base_ref"]] if state == "open" else row["base_sha"]
        against = f"{row['merge_commit_sha']}^1" if state == "merged" else base
        merge_base = self._git.say("merge-base", against, row["head_sha"]) or ""
        reviews = tuple(self._reviews(row["id"]))
        checks = tuple(self._checks(row["head_sha"]))
        return Change(
            title=row["title"],
            body=row["body"] or "",
            author=row["author_id"],
            state=state,
            head_ref=row["head_ref"],
            head=row["head_sha"],
            base_ref=row["base_ref"],
            base=base,
            merge_base=merge_base,
            created=row["created_at"],
            updated=row["updated_at"],
            closed=row["closed_at"],
            reviews=reviews,
            comments=tuple(self._comments(row["id"])),
            checks=checks,
            open=self._open(row, base, merge_base, reviews, checks) if state == "open" else None,
            merged=self._merged(row) if state == "merged" else None,
        )

    def _reviews(self, pull: int) -> Iterator[Review]:
        for row in self._rows("Review", pull_request_id=pull):
            if row["state"] != "PENDING":
                state = row["state"].lower()
                account, commit, at = row["account_id"], row["commit_id"], row["submitted_at"]
                yield Review(row["id"], account, state, row["body"], commit, at)

    def _comments(self, pull: int) -> Iterator[Comment]:
        for row in self._rows("Comment", pull_request_id=pull):
            yield Comment(row["id"], row["account_id"], row["body"], row["created_at"], row["updated_at"])

    def _checks(self, head: str) -> Iterator[Check]:
        for row in self._rows("CheckRun", **self._here, head_sha=head):
            summary = json.loads(row["output"]).get("summary") or ""
            conclusion = row["conclusion"] or ""
            yield Check(row["id"], row["name"], row["app_id"], row["status"], conclusion, summary)

    def _open(
        self, row: Row, base: str, merge_base: str, reviews: tuple[Review, ...], checks: tuple[Check, ...]
    ) -> Open:
        kind = self._kind(row, merge_base)
        ref = f"refs/heads/{row['head_ref']}"
        pushers = {push["account_id"] for push in self._rows("Push", **self._here, ref=ref)}
        authors = self._authors(f"{base}..{row['head_sha']}")
        makers = pushers | authors | {row["author_id"]}
        approved = (
            bool(kind)
            and self._checks_passed(checks)
            and self._enough(kind, row["head_sha"], reviews, makers)
        )
        return Open(
            mergeable=not self._git.conflicts(base, row["head_sha"]),
            kind=kind,
            pushers=sorted(pushers),
            authors=sorted(authors),
            approved=approved,
            posted=_last_word(checks) == "success",
        )

    def _authors(self, span: str) -> set[int]:
        emails = set(self._git.lines("log", "--format=%ae", span))
        by_email = {row["email"]: row["id"] for row in self._rows("Account", type="User")}
        bots = {
            email: int(email.partition("+")[0]) for email in emails if email.partition("+")[0].isdecimal()
        }
        return {(by_email | bots)[email] for email in emails}

    def _kind(self, row: Row, merge_base: str) -> str:
        """The kind of a change that the gate lets through; empty for any other."""
        touched: dict[str, set[str]] = {"jobs": set(), "policy": set(), "code": set()}
        for line in self._git.lines("diff", "--no-renames", "--name-status", merge_base, row["head_sha"]):
            how, path = line.split("\t")
            area = "jobs" if path.startswith("jobs/") else "policy" if path in POLICY else "code"
            touched[area].add(f"{how} {path}")
        areas = [area for area, paths in touched.items() if paths]
        if areas == ["jobs"]:
            return "job_request" if self._asks(row, touched["jobs"]) else ""
        return {"policy": "policy_change", "code": "code_change"}[areas[0]] if len(areas) == 1 else ""

    def _asks(self, row: Row, changed: set[str]) -> bool:
        """Whether it adds one request, in its author's own name."""
        (first, *more) = sorted(changed)
        if more or not first.startswith("A "):
            return False
        said = yaml.safe_load(self._file(self._git, row["head_sha"], first[2:]))
        return bool(said["requested_by"]["id"] == row["author_id"])

    def _checks_passed(self, checks: tuple[Check, ...]) -> bool:
        """The newest run of each check that protection requires of Actions; none required is not passed."""
        required = [each for each in self._place.required or () if each[1] != PORTAL_APP]
        newest = {(check.name, check.app): check.conclusion for check in checks}
        return bool(required) and all(newest.get(each) == "success" for each in required)

    def _enough(self, kind: str, head: str, reviews: tuple[Review, ...], makers: set[int]) -> bool:
        project, north = self._controllers()
        asked = self._policy["approvals"][kind]
        whose = north if asked.get("per_node") else project
        last = {review.author: review for review in reviews if review.state != "commented"}
        if any(last[who].state == "changes_requested" for who in last.keys() & (project | north)):
            return False
        votes = {who for who, review in last.items() if (review.state, review.commit) == ("approved", head)}
        return len((votes & whose) - makers) >= asked["quorum"]

    def _merged(self, row: Row) -> Merged:
        record = self._git.say("show", f"lockgate/decisions:decisions/{row['number']}.json")
        said = json.loads(record) if record else {"status": "no record", "merge": {}, "head": ""}
        return Merged(
            by=row["merged_by"],
            commit=row["merge_commit_sha"],
            at=row["merged_at"],
            decided=said["status"],
            in_portal=said["merge"].get("in_portal"),
            recorded=(said["merge"].get("commit"), said["head"]),
        )

    # requests

    def _requests(self) -> dict[str, Request]:
        """What pull requests ask for, and what main holds of which none tells."""
        found: dict[str, Request] = {}
        for row in self._rows("PullRequest", **self._here):
            base = self._git.tips["main"] if row["state"] == "open" else row["base_sha"]
            if row["merged_at"]:
                base = f"{row['merge_commit_sha']}^1"
            span = (self._git.say("merge-base", base, row["head_sha"]) or "", row["head_sha"])
            changed = self._git.lines("diff", "--no-renames", "--name-status", *span)
            jobs = {line.replace("\t", " ") for line in changed if line.startswith("A\tjobs/")}
            if len(jobs) == 1 and self._asks(row, jobs):
                lanes = ["north"] if row["merged_at"] else []
                request = self._request(row["head_sha"], next(iter(jobs))[2:], row["number"], lanes)
                found[request.slug] = request
        for name in self._git.lines("ls-tree", "--name-only", f"{self._main}:jobs"):
            slug = name.removesuffix(".yaml")
            if slug != name and slug not in found:
                found[slug] = self._request(self._main, f"jobs/{name}", 0, ["north"])
        return found

    def _request(self, revision: str, path: str, number: int, lanes: list[str]) -> Request:
        said = yaml.safe_load(self._file(self._git, revision, path))
        return Request(
            slug=said["id"],
            title=said["title"],
            purpose=said["purpose"],
            job=said["job"],
            requester=said["requested_by"]["id"],
            nodes=said["nodes"],
            blob=self._git.say("rev-parse", f"{revision}:{path}") or "",
            pull_request=number,
            lanes=lanes,
        )


def _last_word(checks: tuple[Check, ...]) -> str:
    """Of the portal's own check on the head."""
    own = [check for check in checks if (check.name, check.app) == ("lockgate/policy", PORTAL_APP)]
    return own[-1].conclusion if own else ""
