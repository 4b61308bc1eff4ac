"""What other features tell of, turned into news: they send signals after their commits, and know nothing of this."""

from mixillo.blueprints.notifications.services.hearing import comments, messages, money, people, shop

__all__ = ["comments", "messages", "money", "people", "shop"]
