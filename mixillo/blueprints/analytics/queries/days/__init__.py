"""What happened on one day (UTC), by the rows that it left: the day, and its sources.

A source of people's figures yields ``(user, {"section.name": number})``, any number of times for each; one of the
platform's returns ``{"name": number}`` of a section.
"""

from mixillo.blueprints.analytics.queries.days.day import Day, PersonsFigures

__all__ = ["Day", "PersonsFigures"]
