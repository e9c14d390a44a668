"""Where the four disagree, in words: what it means, what to do, and whether it can be repaired from here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Weight(StrEnum):
    """BREACH: a gate was passed, or what is out is not what was released. LATE: behind. UNTOLD: not known."""

    BREACH = "breach"
    LATE = "late"
    UNTOLD = "untold"


class Code(StrEnum):
    """In the order of the page."""

    RUN_WITHOUT_MERGE = "run_without_merge"
    RELEASE_WITHOUT_MERGE = "release_without_merge"
    OBJECT_WITHOUT_RELEASE = "object_without_release"
    OBJECT_DIFFERS = "object_differs"
    OBJECT_MISSING = "object_missing"
    MERGED_PAST = "merged_past"
    HELD = "held"
    RECORD_DIFFERS = "record_differs"
    RECORD_NOT_WRITTEN = "record_not_written"
    MERGE_WITHOUT_RUN = "merge_without_run"
    CHECK_NOT_POSTED = "check_not_posted"
    ACT_UNKNOWN = "act_unknown"
    WRITE_FAILS = "write_fails"
    WORK_FAILS = "work_fails"
    MERGE_UNSEEN = "merge_unseen"
    PULL_STALE = "pull_stale"
    TEAM_STALE = "team_stale"
    REGISTRATION_STALE = "registration_stale"
    GITHUB_UNTOLD = "github_untold"
    DAGSTER_UNTOLD = "dagster_untold"
    STORE_UNTOLD = "store_untold"


class Repair(StrEnum):
    """What is safe to ask for: each reads again, or writes once more what should stand there already."""

    READ_PULL = "read-pull"
    READ_PROJECT = "read-project"
    READ_NODE = "read-node"
    READ_TEAM = "read-team"
    LOOK = "look"
    LIST_STORE = "list-store"
    WRITE_RECORD = "write-record"
    POST_CHECK = "post-check"
    LOOK_UP = "look-up"
    TRY_AGAIN = "try-again"
    SEND_AGAIN = "send-again"


@dataclass(frozen=True)
class Finding:
    """One disagreement: what each of the four says. `target` is what a repair is about."""

    code: Code
    about: str
    github: str
    portal: str
    dagster: str
    store: str
    since: datetime | None = None
    number: int | None = None
    target: str = ""


@dataclass(frozen=True)
class Words:
    """`do` says what a person can do; where there is no `repair`, also why there is none."""

    weight: Weight
    title: str
    means: str
    do: str
    repair: Repair | None = None


BREACH, LATE, UNTOLD = Weight.BREACH, Weight.LATE, Weight.UNTOLD
NOT_KNOWN = "Lockgate does not know whether they agree, and does not take it for agreement."

WORDS: dict[Code, Words] = {
    Code.RUN_WITHOUT_MERGE: Words(
        BREACH,
        "Runs without a merge",
        "Something ran on the node that no merged request asked for. Its outputs are never collected.",
        "Not repaired from here: a run is stopped on the node alone. Ask a maintainer who started it, and to "
        "cancel it in Dagster.",
    ),
    Code.RELEASE_WITHOUT_MERGE: Words(
        BREACH,
        "Releases without a merge",
        "A node reports files as on their way out, and GitHub has no such merge of their pull request.",
        "Not repaired from here: what was copied cannot be called back. Tell a maintainer of the node at "
        "once, and read the pull request on GitHub.",
    ),
    Code.OBJECT_WITHOUT_RELEASE: Words(
        BREACH,
        "Objects without a release",
        "Publication storage holds what no release names. Nobody can download it through Lockgate.",
        "Not repaired from here: the portal cannot delete there, on purpose. Ask a maintainer of the node "
        "where it came from, and to remove it.",
    ),
    Code.OBJECT_DIFFERS: Words(
        BREACH,
        "Released files of another size",
        "What lies in storage is not what was released: whoever downloads it gets other bytes.",
        "List the store again. If it stays so, ask a maintainer of the node who wrote there.",
        Repair.LIST_STORE,
    ),
    Code.OBJECT_MISSING: Words(
        BREACH,
        "Released files that are missing",
        "A file was released and is not in storage: downloads of it fail.",
        "List the store again. If it stays so, ask a maintainer of the node to restore it.",
        Repair.LIST_STORE,
    ),
    Code.MERGED_PAST: Words(
        BREACH,
        "Merged past the portal",
        "It was merged on GitHub when Lockgate had not approved it. The node holds what it asks for.",
        "Not repaired from here: a merge cannot be taken back, and is never approved afterwards. Revert it "
        "by a pull request; a request is sent anew. Protection on the project's page says what let it by.",
    ),
    Code.HELD: Words(
        BREACH,
        "Held work",
        "The node found for itself that this was merged without approval. It never runs, and never leaves.",
        "Not repaired from here: held is final. The researcher sends a new request, which is decided anew.",
    ),
    Code.RECORD_DIFFERS: Words(
        BREACH,
        "Records that differ",
        "What GitHub holds as the decision is not what was decided here, or cannot be believed.",
        "Not repaired from here: a record is never overwritten. An administrator compares both, and sees who "
        "may write to lockgate/decisions.",
    ),
    Code.RECORD_NOT_WRITTEN: Words(
        LATE,
        "Records that are not in Git",
        "The decision is kept here alone. It is safe as long as this database is.",
        "Write it again: what stands in Git already is found first.",
        Repair.WRITE_RECORD,
    ),
    Code.MERGE_WITHOUT_RUN: Words(
        LATE,
        "Merges without a run",
        "A merged request waits on a node, and no run of it was started.",
        "Ask the node to look again. If it stays so, its page says which part does not answer.",
        Repair.LOOK,
    ),
    Code.CHECK_NOT_POSTED: Words(
        LATE,
        "Checks that say something else",
        "GitHub shows another word on this head than Lockgate decided, and lets merge by it.",
        "Post the check again: Lockgate reads the pull request first, and posts what is then so.",
        Repair.POST_CHECK,
    ),
    Code.ACT_UNKNOWN: Words(
        UNTOLD,
        "Acts of unknown outcome",
        "GitHub did not confirm an act. It may have happened; it is never blindly repeated.",
        "Look it up now. Do not press it again meanwhile.",
        Repair.LOOK_UP,
    ),
    Code.WRITE_FAILS: Words(
        LATE,
        "Writes that keep failing",
        "Lockgate's App could not write this on GitHub. It comes back with growing pauses.",
        "Send it now. If it stays so, its problem says what GitHub wants.",
        Repair.SEND_AGAIN,
    ),
    Code.WORK_FAILS: Words(
        LATE,
        "Work that keeps failing",
        "Lockgate could not finish this. It comes back with growing pauses; what it reads is old meanwhile.",
        "Try it now. If it stays so, its problem says what is missing.",
        Repair.TRY_AGAIN,
    ),
    Code.MERGE_UNSEEN: Words(
        UNTOLD,
        "Merges that were seen too late",
        "They were merged while Lockgate read nothing, and no decision of that time is kept. Whether they "
        "had been approved is not known, and is not taken for it.",
        "Not repaired from here: a record is never made afterwards. Read them on GitHub, and revert by a "
        "pull request what should not be there.",
    ),
    Code.PULL_STALE: Words(
        UNTOLD,
        "Pull requests that were not read lately",
        "What is shown of them may be old. Deciding reads GitHub first.",
        "Read them now.",
        Repair.READ_PULL,
    ),
    Code.TEAM_STALE: Words(
        UNTOLD,
        "Teams that were not read lately",
        "Who may see and decide is as old as this. Outputs in review open to nobody until it is read.",
        "Read them now.",
        Repair.READ_TEAM,
    ),
    Code.REGISTRATION_STALE: Words(
        UNTOLD,
        "Registrations that were not read lately",
        "Which node runs the project, and with which minimums, is as old as this.",
        "Read the Node Repo now.",
        Repair.READ_NODE,
    ),
    Code.GITHUB_UNTOLD: Words(
        UNTOLD,
        "GitHub could not be told",
        NOT_KNOWN,
        "Read the project again now. Status says whether GitHub answers.",
        Repair.READ_PROJECT,
    ),
    Code.DAGSTER_UNTOLD: Words(
        UNTOLD,
        "Dagster could not be told",
        NOT_KNOWN,
        "Ask the node to look again. Its page says which part does not answer.",
        Repair.LOOK,
    ),
    Code.STORE_UNTOLD: Words(
        UNTOLD,
        "Publication storage could not be told",
        NOT_KNOWN,
        "List the store again. If it stays so, a maintainer of the node sees to its address and key.",
        Repair.LIST_STORE,
    ),
}


def words(finding: Finding) -> Words:
    return WORDS[finding.code]
