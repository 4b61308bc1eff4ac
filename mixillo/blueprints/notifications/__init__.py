"""Notifications: what people are told, grouped, live and as they like it; messages to many."""
