"""Rows and Git objects as GitHub's JSON (REST, version 2026-03-10)."""
