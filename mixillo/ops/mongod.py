"""The embedded MongoDB: a real mongod, as a single-node replica set, on the loopback address only."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sysconfig
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from mixillo.ops import disk, processes

START_SECONDS = 30
STOP_SECONDS = 15
# A worker that is killed leaves its open transactions behind, and nobody can write what they have touched until the
# server gives them up, by default after a minute. No transaction of ours takes as long as this.
TRANSACTION_SECONDS = 3
PACKAGED = "fiftyone/db/bin/mongod"
STATE_FILE = "mongod.json"
ADVICE = (
    "No mongod was found. Set MONGODB_URI to a MongoDB replica set, or install MongoDB 6 or newer and put "
    "mongod on PATH (or name it in MIXILLO_MONGOD)."
)


class MongodError(Exception):
    """The embedded database cannot be used; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Running:
    """An embedded database that runs: where, as which process, and whether it is there for others too."""

    uri: str
    port: int
    pid: int
    is_shared: bool

    def uri_of(self, name: str) -> str:
        """Return the connection string of the database called ``name``."""
        return self.uri.replace("/?", f"/{name}?")


def find_program(configured: str = "") -> Path:
    """Return the mongod to start: the configured one, else the one on PATH, else the packaged one.

    :raises MongodError: there is none.
    """
    if configured:
        program = Path(configured)
        if not os.access(program, os.X_OK):
            raise MongodError(f"MIXILLO_MONGOD names {configured}, which is not an executable file.")
        return program
    if on_path := shutil.which("mongod"):
        return Path(on_path)
    packaged = Path(sysconfig.get_path("platlib")) / PACKAGED
    if not packaged.is_file():
        raise MongodError(ADVICE)
    if not os.access(packaged, os.X_OK):  # the wheel loses the execute bit
        packaged.chmod(packaged.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return packaged


def running(data_dir: Path) -> Running | None:
    """Return the embedded database that serves ``data_dir`` now, if one does."""
    try:
        state = json.loads((data_dir / STATE_FILE).read_text("utf-8"))
        found = Running(**state)
    except (OSError, ValueError, TypeError):
        return None
    return found if _marker(data_dir) in processes.command_of(found.pid) else None


class Mongod:
    """One embedded database over ``data_dir``; :meth:`start` and :meth:`stop` bracket its life.

    The process dies with its parent, however that ends, and comes back from its journal.
    """

    def __init__(self, data_dir: Path, program: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.program = program
        self.process: processes.Process | None = None
        self.port = 0
        self.is_starved = False
        self._disk: disk.DiskWatch | None = None

    @property
    def _host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def uri(self) -> str:
        """The connection string, without a database's name."""
        return f"mongodb://{self._host}/?replicaSet=rs0&directConnection=true"

    def uri_of(self, name: str) -> str:
        """Return the connection string of the database called ``name``."""
        return self.uri.replace("/?", f"/{name}?")

    def start(self, *, is_shared: bool = True) -> None:
        """Start, wait until writes are possible, and leave word for other commands.

        One that is not shared is there for its starter alone, who will stop it without asking.

        :raises MongodError: it does not come up; the message says why.
        """
        (self.data_dir / "db").mkdir(parents=True, exist_ok=True)
        self.stop_orphan()
        self.is_starved = disk.is_full(self.data_dir)
        if self.is_starved:
            raise MongodError(self.reason())
        self.port = self._port()
        self._spawn()
        self._wait_until_primary()
        state = Running(self.uri, self.port, self.pid, is_shared)
        (self.data_dir / STATE_FILE).write_text(json.dumps(asdict(state)), "utf-8")

    def stop(self) -> None:
        """Stop cleanly; after ``STOP_SECONDS`` at once."""
        if self.process is None:
            return
        if self._disk:
            self._disk.stop()
        processes.stop(self.process, STOP_SECONDS)
        self.process = None
        (self.data_dir / STATE_FILE).unlink(missing_ok=True)

    def stop_orphan(self) -> None:
        """Stop a mongod that outlived its parent; the caller holds the lock on the data directory."""
        if orphan := running(self.data_dir):
            processes.stop_stranger(orphan.pid, _marker(self.data_dir), STOP_SECONDS)

    @property
    def log_path(self) -> Path:
        """Where mongod writes its own log; the one of the run before is beside it."""
        return self.data_dir / "mongod.log"

    @property
    def pid(self) -> int:
        """The process id, 0 when it does not run."""
        return self.process.pid if self.process else 0

    @property
    def exited(self) -> bool:
        """Whether the process that was started has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def has_ended_within(self, seconds: float) -> bool:
        """Return whether the process has ended by itself, or does so within ``seconds``."""
        if self.process is None:
            return False
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.exited

    def _port(self) -> int:
        """Return the port of the last run, so that the replica set's member keeps its name, or a free one."""
        remembered = self.data_dir / "mongod.port"
        with suppress(OSError, ValueError):
            port = int(remembered.read_text("utf-8"))
            if _is_free(port):
                return port
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        remembered.write_text(str(port), "utf-8")
        return port

    def _spawn(self) -> None:
        with suppress(FileNotFoundError):  # mongod itself would keep the log of every start
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        command = [
            str(self.program),
            *("--dbpath", str(self.data_dir / "db"), "--logpath", str(self.data_dir / "mongod.log")),
            *("--port", str(self.port), "--bind_ip", "127.0.0.1", "--replSet", "rs0"),
            *("--nounixsocket", "--networkMessageCompressors", "disabled"),
            *("--wiredTigerCacheSizeGB", "0.25"),
            # Who follows changes finds their place again for six minutes, also while a large search is built anew.
            *("--oplogSize", "64", "--oplogMinRetentionHours", "0.1"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
            # Without this the journal preallocates 300 MB.
            *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=10MB)"),
        ]
        try:
            self.process = processes.spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise MongodError(f"{self.program} cannot be started: {error.strerror}.") from error
        if self._disk:
            self._disk.stop()
        self._disk = disk.DiskWatch(self.data_dir, self._starve)

    def _starve(self) -> None:
        """End what would hang on a full disk; its journal holds what it has acknowledged."""
        self.is_starved = True
        if self.process:
            self.process.kill()

    def _wait_until_primary(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        client: MongoClient = MongoClient(f"mongodb://{self._host}/?directConnection=true", timeoutMS=2_000)
        with client:
            while time.monotonic() < deadline:
                if self.exited:
                    raise MongodError(self.reason())
                with suppress(PyMongoError):
                    if self._is_primary(client):
                        return
                time.sleep(0.02)
        self.stop()
        raise MongodError(f"The embedded database did not start within {START_SECONDS} s; see {self.log_path}.")

    def _is_primary(self, client: MongoClient) -> bool:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        stored = client["local"]["system.replset"].find_one()
        if stored is None:
            member = {"_id": 0, "host": self._host}
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
        elif stored["members"][0]["host"] != self._host:
            self._adopt_port(client)
        return False

    def _adopt_port(self, client: MongoClient) -> None:
        """Give the only member its new address, because the port of the last run was taken.

        The server does not know itself under the old address and takes no command about it, so what it has
        stored is changed, and it is started once more.
        """
        client["local"]["system.replset"].update_one({}, {"$set": {"members.0.host": self._host}})
        client.admin.command("fsync")  # a write concern does not cover the database `local`
        assert self.process
        self.process.kill()  # it would take long to stop politely: it is still looking for itself
        self.process.wait()
        self._spawn()

    def reason(self) -> str:
        """Say in one sentence why mongod ended."""
        if self.is_starved:
            return f"The disk that holds {self.data_dir} is full; free some space and start again."
        with suppress(OSError):
            if "DBPathInUse" in self.log_path.read_text("utf-8", "replace")[-20_000:]:
                return f"Another mongod uses {self.data_dir / 'db'}; stop it or set MIXILLO_DATA_DIR."
        return f"The embedded database ended by itself; see {self.log_path}."


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _marker(data_dir: Path) -> str:
    """Return what the command line of the mongod that serves ``data_dir`` holds, and no other's."""
    return f"--dbpath {(data_dir / 'db').resolve()} "
