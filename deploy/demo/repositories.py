"""The demo's two repositories, made as a new node would make them: generate, first commit, push, protect."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.demo import github
from deploy.demo.keys import Keys
from deploy.demo.layout import BIN, CODE_REPO, HOST, NODE, NODE_REPO, PROJECT, ROOT, Layout

TOKEN_VARIABLE = "LOCKGATE_ADMINISTRATOR_TOKEN"  # noqa: S105 (a name, not a token)

PROTECTED = {"code-repo": ("--node-app-id", str(github.NODE_APP)), "node-repo": ("--node-repo",)}


class MakingFailed(Exception):
    """A command that makes a repository failed; its own words say why."""


@dataclass(frozen=True)
class Workshop:
    """Makes repositories on the local GitHub as the maintainer."""

    layout: Layout
    keys: Keys
    environment: Mapping[str, str]

    def make_all(self) -> None:
        """The Code Repo, protected; then the Node Repo that registers it from that commit on."""
        since = self.make(CODE_REPO, "code-repo", self._code_answers())
        project = ("--project", f"{PROJECT}={CODE_REPO}@{since}")
        self.make(NODE_REPO, "node-repo", self._node_answers(), *project)

    def make(self, name: str, template: str, answers: Mapping[str, str], *options: str) -> str:
        """Generate, commit, push and protect one repository unless done; its first commit's SHA."""
        folder = self.layout.checkouts / name.split("/")[1]
        done = folder / ".git" / "protected"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            data = [word for key, value in answers.items() for word in ("--data", f"{key}={value}")]
            wheel = ("--wheel", str(lockgate_wheel(self.layout)))
            new = (str(BIN / "lockgate"), "new", template, str(folder), "--defaults")
            self._run(*new, *wheel, *data, *options)
            self._push(folder, name)
            self._protect(name, *PROTECTED[template])
            done.touch()
        return self._run("git", "rev-list", "--max-parents=0", "HEAD", folder=folder).strip()

    def _push(self, folder: Path, name: str) -> None:
        person = ("-c", "user.name=maintainer", "-c", "user.email=maintainer@north.example")
        self._run("git", "init", "--quiet", "--initial-branch=main", folder=folder)
        self._run("git", "add", "--all", folder=folder)
        self._run("git", *person, "commit", "--quiet", "-m", f"Start {name.split('/')[1]}", folder=folder)
        self._run("git", "push", "--quiet", "--force", clone_url(self.layout, name), "main", folder=folder)

    def _protect(self, name: str, *options: str) -> None:
        teams = "maintainers,heart-controllers,north-controllers"
        self._run(
            str(BIN / "lockgate"),
            "protect",
            name,
            "--github",
            self.layout.github_url,
            "--token-env",
            TOKEN_VARIABLE,
            "--app-id",
            str(github.PORTAL_APP),
            "--teams",
            teams,
            *options,
        )

    def _code_answers(self) -> dict[str, str]:
        return {
            "project": PROJECT,
            "portal": self.layout.portal_url,
            "node_account": str(github.NODE_ACCOUNT),
        }

    def _node_answers(self) -> dict[str, str]:
        return {
            "node": NODE,
            "portal": self.layout.portal_url,
            "app_id": str(github.NODE_APP),
            "app_slug": "lockgate-north",
            "app_account": str(github.NODE_ACCOUNT),
            "message_key": self.keys.node_messages.public,
            "portal_app_id": str(github.PORTAL_APP),
            "portal_message_key": self.keys.portal_messages.public,
            "dagster": self.layout.dagster_url,
            "storage": self.layout.node_store_url,
            "publication_read": self.layout.portal_store_url,
        }

    def _run(self, *command: str, folder: Path = ROOT) -> str:
        token = self.keys.secrets.maintainer_token
        environment = {**self.environment, TOKEN_VARIABLE: token, **git_access(self.layout, token)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise MakingFailed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout


def clone_url(layout: Layout, name: str) -> str:
    return f"http://{HOST}:{layout.ports.github}/{name}.git"


def git_access(layout: Layout, token: str) -> dict[str, str]:
    """Git's configuration by environment: the token stands in no command line and in no file."""
    word = base64.b64encode(f"maintainer:{token}".encode()).decode()
    return {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{layout.github_url}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {word}",
    }


def lockgate_wheel(layout: Layout) -> Path:
    return next(layout.wheelhouse.glob("lockgate-*.whl"))
