"""What all tests share."""

pytest_plugins = ["tests.portal_environment"]
