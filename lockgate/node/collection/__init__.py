"""From a finished run to a result pull request: outputs taken, checked, stored and proposed."""
