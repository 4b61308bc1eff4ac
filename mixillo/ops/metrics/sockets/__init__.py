"""Figures of sockets: counted in memory, stored with the flush of the metrics, a document per instance and minute."""

from mixillo.ops.metrics.sockets.sampling import CAPS, COLLECTION, Sampler

__all__ = ["CAPS", "COLLECTION", "Sampler"]
