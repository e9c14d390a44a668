from importlib import import_module

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        import_module("jobs.projection")  # listens to readings of Code Repos and pull requests
        import_module("jobs.runs")  # handles the nodes' reports
