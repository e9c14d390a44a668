"""The node worker's own PostgreSQL database: plain SQL, numbered files, one pool."""

from lockgate.node.database.migrate import MigrationError, migrate
from lockgate.node.database.pool import Connection, Database, DatabaseUnavailable

__all__ = ["Connection", "Database", "DatabaseUnavailable", "MigrationError", "migrate"]
