"""Comments on posts: threads of replies, likes, pins; words that are refused or held back; their moderation."""
