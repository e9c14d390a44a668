"""From a merged result pull request to publication: only what this node made, byte for byte, and verified."""
