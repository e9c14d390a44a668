from importlib import import_module

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    name = "publications"

    def ready(self) -> None:
        import_module("publications.projection")  # listens to readings of pull requests
        import_module("publications.releases")  # handles the node's reports
        import_module("publications.tasks")  # forgets what has expired
        import_module("publications.inventory")  # lists publication stores
