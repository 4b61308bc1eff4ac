"""Revisions: what has been running, since when, with which changes, and whether it was better than before."""

from mixillo.ops.revisions.deploy_log import DeployLogError, import_rows, parse
from mixillo.ops.revisions.of_the_report import REPORT_REVISIONS
from mixillo.ops.revisions.records import Revision, introduce, listing, markers, name_of, record, seen

__all__ = [
    "REPORT_REVISIONS",
    "DeployLogError",
    "Revision",
    "import_rows",
    "introduce",
    "listing",
    "markers",
    "name_of",
    "parse",
    "record",
    "seen",
]
