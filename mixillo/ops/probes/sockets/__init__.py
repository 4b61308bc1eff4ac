"""Probes of the sockets: a real Socket.IO client connects, talks, and hears what it should.

What the server says of its live events (``/api/asyncapi.json``) is the contract, as the OpenAPI document is that of its
paths; a server without that document has no sockets to probe. What is talked about features declare in their
``probing`` as :class:`.talks.Talk`.
"""

from mixillo.ops.probes.sockets.talks import MODULE, Talk, declare

__all__ = ["MODULE", "Talk", "declare"]
