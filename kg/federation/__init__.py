"""Asking other servers from a query, by ``SERVICE``, where whoever runs the server allows their hosts.

The engine never asks. A query process finds each ``SERVICE`` in the text (:mod:`kg.federation.text`), has its
pattern answered by a process that has a network and nothing else (:mod:`kg.federation.caller`), reads the answer
(:mod:`kg.federation.answers`) and puts the rows in the place of the pattern (:mod:`kg.federation.resolve`). What may
be asked is decided on the parsed query, and again where the connection is made (:mod:`kg.federation.hosts`).

Source: https://www.w3.org/TR/sparql11-federated-query/.
"""

from kg.federation.hosts import AllowedHosts
from kg.federation.limits import ServiceLimits

__all__ = ["AllowedHosts", "ServiceLimits"]
