"""The rules of the dashboard: who its operators are, how long they stay signed in."""
