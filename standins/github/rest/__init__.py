"""The REST API below `/api/v3`, one module for each area."""
