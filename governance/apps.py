from importlib import import_module

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        for name in ("signin", "handlers", "passes", "settling", "timer"):  # they register what they do
            import_module(f"governance.{name}")
