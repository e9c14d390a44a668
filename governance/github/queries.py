"""The GraphQL that Lockgate sends.

A query costs the requests that its connections need, by hundreds; so pages are as large as GitHub lets
them be at the leaves and small where something hangs below them. What does not fit is read on.
"""

from __future__ import annotations

from typing import Any

ACTOR = "__typename login ... on User { databaseId name } ... on Bot { databaseId }"
PAGE = "pageInfo { hasNextPage endCursor }"
REVIEWS = f"{PAGE} nodes {{ databaseId state body submittedAt commit {{ oid }} author {{ {ACTOR} }} }}"
COMMENTS = f"{PAGE} nodes {{ databaseId body createdAt updatedAt author {{ {ACTOR} }} }}"
RUNS = f"{PAGE} nodes {{ databaseId name status conclusion summary detailsUrl startedAt completedAt }}"
SUITE_MARK = "databaseId status conclusion updatedAt"
SUITES = f"{PAGE} nodes {{ id {SUITE_MARK} app {{ databaseId }} checkRuns(first: 50) {{ {RUNS} }} }}"
PULL_REQUEST = f"""
  number id title body state isCrossRepository mergeable
  author {{ {ACTOR} }}
  headRefName headRefOid baseRefName baseRefOid baseRef {{ target {{ oid }} }}
  headRepository {{ nameWithOwner }}
  mergeCommit {{ oid }}
  mergedBy {{ {ACTOR} }}
  createdAt updatedAt mergedAt closedAt
  reviews(first: 100) {{ {REVIEWS} }}
  comments(first: 100) {{ {COMMENTS} }}
  commits(last: 1) {{ nodes {{ commit {{ id oid checkSuites(first: 4) {{ {SUITES} }} }} }} }}
"""
ONE = f"""query($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name) {{ pullRequest(number: $number) {{ {PULL_REQUEST} }} }} }}"""
SEVERAL = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ {PULL_REQUEST} }} }} }}"""
HISTORY = f"""query($owner: String!, $name: String!, $size: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: $size, after: $after, orderBy: {{field: CREATED_AT, direction: ASC}}) {{
      {PAGE} nodes {{ {PULL_REQUEST} }} }} }} }}"""

GLANCE = "number state headRefOid updatedAt"
NEWEST = "orderBy: {field: UPDATED_AT, direction: DESC}"
UPDATED = f"""query($owner: String!, $name: String!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: 100, after: $after, {NEWEST}) {{ {PAGE} nodes {{ {GLANCE} }} }} }} }}"""
SUITES_MARKED = 20
MARKS = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ id {GLANCE}
  commits(last: 1) {{ nodes {{ commit {{ oid
    checkSuites(first: {SUITES_MARKED}) {{ nodes {{ {SUITE_MARK} }} }} }} }} }} }} }} }}"""
REPOSITORY_FIELDS = """databaseId nameWithOwner defaultBranchRef { name target { oid }
    branchProtectionRule { requiredStatusChecks { context app { databaseId } } } }"""
REPOSITORY = f"""query($owner: String!, $name: String!) {{
  repository(owner: $owner, name: $name) {{ {REPOSITORY_FIELDS} }} }}"""


def _more(kind: str, connection: str, fields: str, size: int = 100) -> str:
    return f"""query($id: ID!, $after: String) {{ node(id: $id) {{ ... on {kind} {{
  more: {connection}(first: {size}, after: $after) {{ {fields} }} }} }} }}"""


MORE_REVIEWS = _more("PullRequest", "reviews", REVIEWS)
MORE_COMMENTS = _more("PullRequest", "comments", COMMENTS)
MORE_SUITES = _more("Commit", "checkSuites", SUITES, 20)
MORE_RUNS = _more("CheckSuite", "checkRuns", RUNS)

COMMIT = """mutation($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } } }"""


def overviews(count: int) -> str:
    """So many repositories of `$owner` at once, `$name0` as `r0` and so on."""
    names = ", ".join(f"$name{number}: String!" for number in range(count))
    fields = f"{REPOSITORY_FIELDS} pullRequests(first: 20, {NEWEST}) {{ {PAGE} nodes {{ {GLANCE} }} }}"
    repositories = "\n".join(
        f"r{number}: repository(owner: $owner, name: $name{number}) {{ {fields} }}" for number in range(count)
    )
    return f"query($owner: String!, {names}) {{\n{repositories} }}"


def teams(count: int) -> str:
    """So many teams of `$organization` at once, `$slug0` as `t0` and so on."""
    slugs = ", ".join(f"$slug{number}: String!" for number in range(count))
    fields = f"members(first: 100) {{ {PAGE} nodes {{ databaseId login name }} }}"
    wanted = "\n".join(f"t{number}: team(slug: $slug{number}) {{ {fields} }}" for number in range(count))
    return f"query($organization: String!, {slugs}) {{ organization(login: $organization) {{\n{wanted} }} }}"


def variables(repo: str, **more: Any) -> dict[str, Any]:
    owner, _, name = repo.partition("/")
    return {"owner": owner, "name": name, **more}


def numbered(name: str, values: list[str]) -> dict[str, str]:
    """`name0`, `name1` and so on."""
    return {f"{name}{number}": value for number, value in enumerate(values)}
