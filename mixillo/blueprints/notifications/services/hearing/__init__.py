"""What other features tell of, turned into news: they send signals after their commits, and know nothing of this."""

from mixillo.blueprints.notifications.services.hearing import comments, live, messages, money, people, shop

__all__ = ["comments", "live", "messages", "money", "people", "shop"]
