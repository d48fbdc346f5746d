"""What asking other servers may cost."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from kg.config import LIMITS

__all__ = ["ServiceLimits"]


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """Which hosts queries may ask, and what that may cost.

    >>> ServiceLimits.decode(ServiceLimits(("example.org",)).encode()).hosts
    ('example.org',)
    """

    hosts: tuple[str, ...] = ()
    """As :class:`kg.federation.hosts.AllowedHosts` takes them; none allows nothing."""
    seconds: float = LIMITS.service_seconds
    """Longest time of one call; the deadline of the query counts as well."""
    bytes: int = LIMITS.service_bytes
    """Most that all answers to one query have together, decompressed."""
    calls: int = LIMITS.service_calls
    """Most calls of one query."""

    def encode(self) -> str:
        """As text, for the command line of a process."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> ServiceLimits:
        """What :meth:`encode` wrote."""
        fields = json.loads(text)
        return cls(tuple(fields.pop("hosts")), **fields)
