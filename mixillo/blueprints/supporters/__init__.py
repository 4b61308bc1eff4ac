"""Supporters: credit packages, tiers, badges and leaderboards, all reckoned from what was really given."""
