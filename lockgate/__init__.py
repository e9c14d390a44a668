"""Lockgate: formats, gate, policy and node worker, installable without Django."""

__version__ = "0.1.0"
