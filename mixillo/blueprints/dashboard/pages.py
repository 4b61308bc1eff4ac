"""The pages of the dashboard in the order of the navigation: one line each."""

from dataclasses import dataclass

from mixillo.blueprints.dashboard.services.operators import Operator


@dataclass(frozen=True)
class Page:
    """A page: its title, the endpoint of its view, its icon in the sprite, the role it needs."""

    title: str
    endpoint: str
    icon: str
    role: str = "viewer"


PAGES = (
    Page("Overview", "dashboard.overview", "gauge"),
    Page("Endpoints", "dashboard.endpoints", "route"),
    Page("Probes", "dashboard.probes", "probe"),
    Page("Database", "dashboard.database", "database"),
    Page("Integrity", "dashboard.integrity", "link"),
    Page("Money", "dashboard.money", "wallet"),
    Page("Revisions", "dashboard.revisions", "branch"),
    Page("Uptime", "dashboard.uptime", "pulse"),
    Page("Alerts", "dashboard.alerts", "bell"),
    Page("Security & configuration", "dashboard.security", "shield"),
    Page("Infrastructure", "dashboard.infrastructure", "server"),
    Page("Backups", "dashboard.backups", "archive"),
    Page("Audit & jobs", "dashboard.audit", "journal"),
    Page("Live", "dashboard.live", "broadcast"),
    Page("Live events", "dashboard.events", "stream"),
    Page("Report", "dashboard.report", "report"),
)


def navigation(operator: Operator) -> list[Page]:
    """Return the pages that ``operator`` may open."""
    return [page for page in PAGES if operator.may(page.role)]
