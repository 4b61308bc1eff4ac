"""The three deployments that the stabilization report of November 2025 lists."""

from datetime import UTC, datetime

from mixillo.ops.revisions.deploy_log import Row

REPORT_REVISIONS = [
    Row("00141-8t6", datetime(2025, 11, 13, tzinfo=UTC), "Previous stable version", "deployed"),
    Row("00142-fp7", datetime(2025, 11, 14, tzinfo=UTC), "Connection fix + routes", "deployed"),
    Row("00143-xxx", datetime(2025, 11, 14, tzinfo=UTC), "Search + auth fixes", "deploying"),
]
