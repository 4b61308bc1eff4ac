"""Moderation: reports, the queue of what was reported, decisions, strikes, suspensions and bans."""
