"""Opening a job request on GitHub: branch, commit, pull request; a gap in between is found and closed."""

from __future__ import annotations

from governance.acts import Intent, attempt, same, settle
from governance.github import actor, reader
from governance.github.errors import DO_NOT_REPEAT
from governance.github.port import Actor
from governance.models import Person, Project, RemoteAct
from governance.work import ask
from lockgate import formats
from lockgate.errors import Conflict, Invalid

BODY = """{purpose}

Job `{job}` on {nodes}, requested in Lockgate. The file `jobs/{id}.yaml` says exactly what runs.
"""


def open_or_continue(project: Project, request: formats.JobRequest, by: Person) -> int:
    """The pull request's number. What an earlier try has done is found on GitHub and kept."""
    data = formats.write_job_request(request)
    key = f"open_request:{project.name}:{request.id}"
    earlier = same(key)
    if earlier is not None:
        return _continue(earlier, data, by)
    intent = Intent(
        kind=RemoteAct.Kind.OPEN_REQUEST,
        key=key,
        by=by,
        project=project,
        pull_request=None,
        target={"request": request.id, "file": data.decode()},
        subject=f"{project.name}/{request.id}",
    )
    with attempt(intent) as act:
        number = _open(actor(by), project, request, data)
        act.outcome = {"pull_request": number}
    return number


def _continue(earlier: RemoteAct, data: bytes, by: Person) -> int:
    """The same request was sent before: done, or of unknown outcome; then every step is looked up."""
    if earlier.by_id != by.pk or earlier.target["file"] != data.decode():
        raise Invalid("Another request has this id.", next_step="Send it again; it gets a new id.")
    if earlier.state == RemoteAct.State.DONE:
        return int(earlier.outcome["pull_request"])
    if earlier.state == RemoteAct.State.RECORDED:
        raise Conflict("This request is being sent already.", next_step=DO_NOT_REPEAT)
    return finish(earlier)


def finish(act: RemoteAct) -> int:
    """Do what is left of an opening whose outcome is unknown, in the name of the person who began it."""
    assert act.project is not None
    assert act.by is not None
    data = act.target["file"].encode()
    request = formats.read_job_request(data, f"jobs/{act.target['request']}.yaml")
    number = _open(actor(act.by), act.project, request, data)
    act.outcome = {"pull_request": number}
    settle(act, RemoteAct.State.DONE, f"{act.project.name}/{request.id}")
    ask("look", f"project:{act.project.name}:{number}")
    return number


def opened_as(act: RemoteAct) -> int | None:
    """The number of the pull request that an opening made, as the App sees it; None without one."""
    assert act.project is not None
    return reader().find_pull_request(act.project.code_repo, f"request/{act.target['request']}")


def _open(github: Actor, project: Project, request: formats.JobRequest, data: bytes) -> int:
    """Each step looks first whether it was done; so the whole may be done again at any point."""
    repo, branch = project.code_repo, f"request/{request.id}"
    number = github.find_pull_request(repo, branch)
    if number is not None:
        return number
    main = github.branch_head(repo, project.default_branch)
    if main is None:
        raise Invalid(f"{repo} has no branch {project.default_branch}.")
    head = github.branch_head(repo, branch)
    if head is None:
        github.create_branch(repo, branch, main)
        head = main
    _commit(github, repo, branch, head, request, data)
    title, body = f"Request: {request.title}", _body(request)
    return github.open_pull_request(repo, branch, project.default_branch, title, body)


def _commit(
    github: Actor, repo: str, branch: str, head: str, request: formats.JobRequest, data: bytes
) -> None:
    """Commit the file unless it is there; the branch may have got it in an earlier try."""
    path = f"jobs/{request.id}.yaml"
    held = github.read_file(repo, branch, path)
    if held == data:
        return
    if held is not None:
        raise Invalid("The branch of this request holds another file.", next_step="Send it again.")
    github.commit_file(repo, branch, head, path, data, f"Request {request.title}")


def _body(request: formats.JobRequest) -> str:
    return BODY.format(
        purpose=request.purpose, job=request.job, nodes=", ".join(request.nodes), id=request.id
    )
