"""What this process runs on: limits and use of CPU and memory, as the kernel's control groups tell them."""

import os
import platform
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import metadata
from pathlib import Path

from mixillo.core import clock

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
NO_LIMIT = 1 << 60  # version 1 writes "no limit" as a number near 2**63
STARTED_AT = clock.now()
STARTED = time.monotonic()


@dataclass(frozen=True)
class Memory:
    """Bytes: what this process holds, what its control group uses and may use, what the machine has.

    ``limit`` is ``None`` without a limit of its own, ``group`` is ``None`` where there are no control groups.
    """

    process: int
    group: int | None
    limit: int | None
    machine: int

    @property
    def used(self) -> int:
        """What counts against the limit."""
        return self.process if self.group is None or self.limit is None else self.group

    @property
    def available(self) -> int:
        """The limit, or all of the machine's memory without one."""
        return self.limit or self.machine

    @property
    def share(self) -> float:
        """How much of what is available is used, from 0 to 1."""
        return self.used / self.available


@dataclass(frozen=True)
class Cpu:
    """CPUs: the limit (``None`` without one), what the machine has, and this process's mean use.

    ``used`` is CPU seconds per second over the last ``seconds``.
    """

    limit: float | None
    machine: int
    used: float
    seconds: float

    @property
    def available(self) -> float:
        """The limit, or all of the machine's CPUs without one."""
        return self.limit or self.machine

    @property
    def share(self) -> float:
        """How much of what is available is used, from 0 to 1."""
        return self.used / self.available


class CpuMeter:
    """Measures the process's CPU use between two looks, at least ``minimum`` seconds apart."""

    def __init__(self, minimum: float = 2.0) -> None:
        self._minimum = minimum
        self._since, self._spent = time.monotonic(), time.process_time()
        self._last: tuple[float, float] | None = None

    def look(self) -> tuple[float, float]:
        """Return CPU seconds per second, and over how many seconds that is the mean."""
        now, spent = time.monotonic(), time.process_time()
        passed = now - self._since
        if self._last is None or passed >= self._minimum:
            self._last = (spent - self._spent) / max(passed, 0.001), passed
            self._since, self._spent = now, spent
        return self._last


METER = CpuMeter()


def memory(root: Path = CGROUPS, own: Path = OWN_CGROUP) -> Memory:
    """Return the memory of this process and of its control group (version 1 or 2)."""
    unified, legacy = _groups(root, own, ""), _groups(root, own, "memory")
    used = [_number(group / "memory.current") for group in unified]
    used += [_number(group / "memory.usage_in_bytes") for group in legacy]
    limits = [_number(group / "memory.max") for group in unified]
    limits += [_number(group / "memory.limit_in_bytes") for group in legacy]
    found = [limit for limit in limits if limit is not None and limit < NO_LIMIT]
    page = os.sysconf("SC_PAGE_SIZE")
    resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * page
    group = next((number for number in used if number is not None), None)
    return Memory(resident, group, min(found, default=None), os.sysconf("SC_PHYS_PAGES") * page)


def cpu(root: Path = CGROUPS, own: Path = OWN_CGROUP) -> Cpu:
    """Return the CPU limit of the control group (version 1 or 2) and this process's use."""
    limits = [_quota(_words(group / "cpu.max")) for group in _groups(root, own, "")]
    limits += [
        _quota(_words(group / "cpu.cfs_quota_us") + _words(group / "cpu.cfs_period_us"))
        for group in _groups(root, own, "cpu")
    ]
    used, seconds = METER.look()
    found = [limit for limit in limits if limit is not None]
    return Cpu(min(found, default=None), os.cpu_count() or 1, used, seconds)


def uptime() -> timedelta:
    """Return for how long this process has been running."""
    return timedelta(seconds=time.monotonic() - STARTED)


def started_at() -> datetime:
    """Return when this process started."""
    return STARTED_AT


@cache
def software() -> dict[str, str]:
    """Return the versions of the language and of what we directly depend on, by name."""
    found = {"Python": platform.python_version()}
    for requirement in metadata.requires("mixillo") or []:
        if "extra ==" not in requirement:
            name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
            try:
                found[name] = metadata.version(name)
            except metadata.PackageNotFoundError:
                continue  # a marker leaves it out on this system
    return found


def system() -> str:
    """Return the operating system and the processor's architecture."""
    return f"{platform.system()} {platform.release()}, {platform.machine()}"


def _groups(root: Path, own: Path, controller: str) -> list[Path]:
    """Return the folders of this process's control group and of those around it, innermost first.

    ``controller`` is empty for version 2. Inside a container the group's path may be the host's, which is
    not there; the controller's own folder then stands for the container.
    """
    top = root / controller
    path = next((p for _, names, p in _memberships(own) if controller in names.split(",")), "/")
    group = top / path.strip("/")
    return [folder for folder in (group, *group.parents) if folder.is_relative_to(top)]


def _memberships(own: Path) -> list[list[str]]:
    """Return the lines ``number:controllers:path`` of ``own``, split."""
    return [parts for line in _words(own) if len(parts := line.split(":", 2)) == 3]


def _quota(words: list[str]) -> float | None:
    """Return the CPUs that ``quota period`` allow, ``None`` for no limit."""
    if len(words) != 2 or not words[0].isdigit():
        return None
    return int(words[0]) / int(words[1])


def _number(path: Path) -> int | None:
    words = _words(path)
    return int(words[0]) if words and words[0].isdigit() else None


def _words(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except OSError:
        return []
