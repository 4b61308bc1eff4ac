"""Runs another program with limits on memory, time and what it writes; run by its path, with nothing imported."""

import os
import resource
import sys

MEGABYTE = 1024 * 1024


def main(megabytes: int, seconds: int, command: list[str]) -> None:
    """Become ``command``, which may take so much memory and processor time, and write as much."""
    for what, most in (
        (resource.RLIMIT_AS, megabytes * MEGABYTE),
        (resource.RLIMIT_FSIZE, megabytes * MEGABYTE),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.execv(command[0], command)  # noqa: S606  a list, no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
