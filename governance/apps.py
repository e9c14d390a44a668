from importlib import import_module

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        # They register what they do.
        for name in ("signin", "handlers", "passes", "settling", "decisions", "timer", "updating"):
            import_module(f"governance.{name}")
