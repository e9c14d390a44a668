"""The node's worker: it watches the node's runs, collects and releases results, and believes nobody."""
