"""What changes gifts: sending them, and the catalogue."""

from mixillo.blueprints.gifts.services.telling import gift_sent

__all__ = ["gift_sent"]
