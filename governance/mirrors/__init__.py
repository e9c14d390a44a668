"""The portal's own bare mirrors of repositories: what files say is read here, never from a web API.

Nothing of a repository is ever executed, checked out or believed as configuration.
"""

from governance.mirrors.commands import MirrorUnavailable
from governance.mirrors.mirror import Mirror, mirror
from governance.mirrors.reading import Entry

__all__ = ["Entry", "Mirror", "MirrorUnavailable", "mirror"]
