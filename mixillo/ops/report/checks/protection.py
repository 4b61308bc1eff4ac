"""Checks of what protects the service: secrets, backups, and alerts that reach somebody."""

from mixillo.config import Settings, weakness
from mixillo.ops.alerts.delivery import GIVEN_UP, SENT
from mixillo.ops.report.checks.model import IMMEDIATE, WEEK, Check, Finding, met
from mixillo.ops.report.evidence import Evidence
from mixillo.ops.report.tree import DEGRADED, DOWN, UNKNOWN
from mixillo.ops.report.wording import kilobytes, moment, plural

# Checks of their own say the same as these rules.
COVERED = ("backup-stale", "backup-unverified", "probes-failing", "integrity-growing")
SIGNING = ("JWT_SECRET", "JWT_REFRESH_SECRET")


def faults_of(settings: Settings) -> dict[str, str]:
    """Return what is wrong with the secrets that sign tokens, by name; their values stay out of it."""
    values = dict(zip(SIGNING, (settings.jwt_secret, settings.jwt_refresh_secret), strict=True))
    found = {name: fault for name, value in values.items() if (fault := weakness(value))}
    if settings.jwt_secret and settings.jwt_secret == settings.jwt_refresh_secret:
        found[SIGNING[1]] = f"is the same as {SIGNING[0]}"
    return found


def secrets(evidence: Evidence) -> Check:
    """Hold the secrets that sign tokens against being there, long and not guessed."""
    faults = faults_of(evidence.settings)
    if not faults:
        return met("Secrets", f"{' and '.join(SIGNING)} are set and strong", "strong")
    findings = tuple(
        Finding(
            title=f"{name} {fault}",
            priority=IMMEDIATE,
            measured=f"{name} {fault}; its value was not written anywhere",
            impact="Whoever guesses it signs in as anybody.",
            action="Set a new one; everybody signs in again.",
            command=f"export {name}=$(openssl rand -hex 32)",
        )
        for name, fault in faults.items()
    )
    return Check("Secrets", DOWN, "weak or missing", f"{len(faults)} of {len(SIGNING)} weak or missing", findings)


def backups(evidence: Evidence) -> Check:
    """Hold the newest backup against the age that its alert allows."""
    protection, longest = evidence.protection, evidence.protection.longest_age
    if protection.backup is None:
        finding = _backup("There is no backup", "none was ever made, or none is kept", "All is lost with the disk.")
        return Check("Backups", DOWN, "missing", finding.measured, (finding,))
    size = kilobytes(protection.backup["size"])
    measured = f"the newest of {moment(protection.backup['createdAt'])}, {size} KB"
    if (protection.age.value or 0.0) <= longest:
        return met("Backups", measured, "fresh")
    finding = _backup(
        "The newest backup is stale", f"{measured}; allowed are {longest:.0f} h", "All changes since then are lost."
    )
    return Check("Backups", DEGRADED, "stale", finding.measured, (finding,))


def _backup(title: str, measured: str, impact: str) -> Finding:
    return Finding(
        title=title,
        priority=IMMEDIATE,
        measured=measured,
        impact=f"{impact} Nothing brings it back.",
        action="Make one now, and schedule it (deploy/backup-job.yaml).",
        command="mixillo backup create",
    )


def verification(evidence: Evidence) -> Check:
    """Hold the backups against having been restored lately."""
    protection, longest = evidence.protection, evidence.protection.longest_unverified
    area = "Backup verification"
    verified = protection.verified
    if protection.backup is None:
        return Check(area, UNKNOWN, "nothing to verify", "there is no backup")
    if verified and (protection.unverified.value or 0.0) <= longest:
        return met(area, f"{verified['name']} restored {moment(verified['verifiedAt'])}", "restored")
    word = "stale" if verified else "never"
    last = moment(verified["verifiedAt"] if verified else None)
    measured = f"last restored with success: {last}; allowed are {longest / 24:.0f} days"
    finding = Finding(
        title="No backup has been restored lately" if verified else "No backup was ever restored",
        priority=WEEK,
        measured=measured,
        impact="A backup that was never restored is a hope.",
        action="Restore it into a scratch database and compare.",
        command="mixillo backup verify",
    )
    return Check(area, DEGRADED, word, measured, (finding,))


def alerts(evidence: Evidence) -> Check:
    """Hold the alerts against none firing, and against reaching somebody."""
    protection, told = evidence.protection, len(evidence.settings.alert_urls)
    deliveries = f"{protection.deliveries[SENT]} sent, {protection.deliveries[GIVEN_UP]} given up in {evidence.period}"
    firing = protection.open_alerts
    measured = f"{plural(len(firing), 'alert')} firing; {plural(told, 'address')} to tell, {deliveries}"
    findings = []
    if not told:
        findings.append(_undelivered("Alerts reach nobody", "ALERT_URLS is not set: alerts show on the dashboard only"))
    elif protection.deliveries[GIVEN_UP]:
        findings.append(_undelivered("Alerts did not arrive", deliveries))
    findings += [
        Finding(
            title=f"Alert: {row['title']}",
            priority=IMMEDIATE if row["severity"] == "page" else WEEK,
            measured=f"{row['detail']}, since {moment(row['openedAt'])}",
            impact="It fires until it is clear again.",
            action=row["action"],
            command="mixillo alerts list",
        )
        for row in firing
        if row["rule"] not in COVERED
    ]
    if not findings and not firing:
        return met("Alerts", measured, "quiet")
    word = "firing" if firing else "unheard"
    return Check("Alerts", DOWN if firing and not told else DEGRADED, word, measured, tuple(findings))


def _undelivered(title: str, measured: str) -> Finding:
    return Finding(
        title=title,
        priority=WEEK,
        measured=measured,
        impact="Nobody is woken when the service is down.",
        action="Set ALERT_URLS (Slack, mail, webhook) and try it.",
        command="mixillo alerts test",
    )
