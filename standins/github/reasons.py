"""Why a ref may not move: what its protection says, and what the rules of rulesets say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reasons:
    """In GitHub's words; false where nothing stands in the way."""

    protection: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.protection or self.rules)

    def __str__(self) -> str:
        """As the API says it."""
        said = [" ".join(self.protection)] if self.protection else []
        if self.rules:
            said += ["Repository rule violations found", *self.rules]
        return "\n\n".join(said)

    def to_pusher(self, ref: str) -> list[str]:
        """As git prints it to the one who pushed."""
        lines = []
        if self.protection:
            lines.append(f"error: GH006: Protected branch update failed for {ref}.")
            lines += [f"error: {reason}" for reason in self.protection]
        if self.rules:
            lines.append(f"error: GH013: Repository rule violations found for {ref}.")
            lines += [f"error: - {reason}" for reason in self.rules]
        return lines


class Refused(Exception):
    """Protection or rules stand in the way."""

    def __init__(self, reasons: Reasons) -> None:
        super().__init__(str(reasons))
        self.reasons = reasons
