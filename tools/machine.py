"""Get this machine ready: system libraries, a virtual environment, hashed packages.

Standard library only. A stamp makes the second run take no time.
"""

import ctypes
import getpass
import hashlib
import importlib.util
import os
import platform
import shutil
import socket
import sys
from pathlib import Path

from tools.progress import Failure, run, step

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements-dev.txt"
LOG = VAR / "log" / "setup.log"
# Where the libraries and programs go when we may not install them for everybody.
SYSTEM = VAR / "system"

# What WeasyPrint and the browser driver load, and the Debian package that holds it.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libatomic.so.1": "libatomic1",
}
ROOM_NEEDED = 1_500_000_000


def prepare(*, browser: bool) -> dict[str, str]:
    """Install what is missing and return the variables that every process needs.

    `browser` asks for Chromium too, which only the tests drive.
    """
    _check_platform()
    _check_room()
    for folder in (VAR, LOG.parent):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    missing = _missing(browser=browser)
    if missing:
        with step(f"System packages: {' '.join(missing)}"):
            _install(missing)
    _python()
    return _variables()


def _check_platform() -> None:
    where = (sys.platform, platform.machine())
    if where not in {("linux", "x86_64"), ("darwin", "arm64")}:
        raise Failure(
            f"The embedded servers do not run on {where[0]} {where[1]}, only on"
            " Linux x86-64 and macOS arm64.",
            "docker compose up  (see docs/operations.md)",
        )


def check_port(port: int) -> None:
    """Raise Failure when something listens on `port` already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Failure(
                f"Port {port} is in use, by another program or by a demo that runs already.",
                f"make stop, or choose another port: PORT={port + 1} make demo",
            ) from error


def _check_room() -> None:
    free = shutil.disk_usage(ROOT).free
    if not VENV.exists() and free < ROOM_NEEDED:
        raise Failure(
            f"The disk has {free / 1e9:.1f} GB free and the set-up needs {ROOM_NEEDED / 1e9:.1f}.",
            f"make room (see: df -h {ROOT}), then run the same command again",
        )


# --- System libraries -------------------------------------------------------------------------
def _library_folders() -> list[Path]:
    """Where libraries lie below SYSTEM, when they were unpacked there."""
    names = ["usr/lib", "lib", "usr/lib/x86_64-linux-gnu/pulseaudio"]
    names += [f"{name}/x86_64-linux-gnu" for name in names[:2]]
    return [SYSTEM / name for name in names if (SYSTEM / name).is_dir()]


def _loads(library: str) -> bool:
    if any((folder / library).exists() for folder in _library_folders()):
        return True
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def chromium() -> str | None:
    """Return the path of a Chromium to drive, if there is one.

    The one without windows of its own comes first: it draws a page in three quarters of the time.
    """
    private = SYSTEM / "usr/lib/chromium/chromium-headless-shell"
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return (
        os.environ.get("CHROMIUM")
        or next((str(path) for path in (private, mac) if path.exists()), None)
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
    )


def _missing(*, browser: bool) -> list[str]:
    """Return the Debian packages that this machine lacks."""
    if sys.platform == "darwin":
        return _missing_on_macos(browser=browser)
    missing = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if browser and not chromium():
        missing.append("chromium-headless-shell")
    if not VENV.exists() and importlib.util.find_spec("ensurepip") is None:
        if os.geteuid() != 0:
            raise Failure("Python's venv module is missing.", "sudo apt-get install python3-venv")
        missing.append("python3-venv")
    return missing


def _missing_on_macos(*, browser: bool) -> list[str]:
    brew = next((p for p in ("/opt/homebrew", "/usr/local") if (Path(p) / "bin/brew").exists()), "")
    if not (brew and (Path(brew) / "lib/libpango-1.0.dylib").exists()):
        raise Failure("Pango, which lays out the PDF, is missing.", "brew install pango")
    if browser and not chromium():
        raise Failure("Chromium, which the tests drive, is missing.", "brew install chromium")
    return []


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise Failure(
            f"These Debian packages, or your system's like of them, are missing:"
            f" {' '.join(packages)}.",
            "install them with your package manager, then run the same command again",
        )
    doing = f"Installing {' '.join(packages)}"
    if os.geteuid() == 0:
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "-qq", "-y", "--no-install-recommends", "install"]
        run(["apt-get", "-qq", "update"], LOG, doing, env)
        run([*install, *packages], LOG, doing, env)
    else:
        _unpack(packages, doing)


def _unpack(packages: list[str], doing: str) -> None:
    """Download what apt would install and unpack it below SYSTEM: no root, nothing installed."""
    apt = VAR / "apt"
    for folder in (apt / "lists/partial", apt / "archives/partial", SYSTEM):
        folder.mkdir(parents=True, exist_ok=True)
    options = {
        "Debug::NoLocking": "1",
        "Dir::State::lists": apt / "lists",
        "Dir::Cache": apt,
        "Dir::Cache::archives": apt / "archives",
        "APT::Sandbox::User": getpass.getuser(),
    }
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    download = ["-y", "--no-install-recommends", "--download-only", "install"]
    run([*command, "update"], LOG, doing)
    run([*command, *download, *packages], LOG, doing)
    for archive in sorted((apt / "archives").glob("*.deb")):
        run(["dpkg", "-x", archive, SYSTEM], LOG, doing)
    shutil.rmtree(apt)


def _variables() -> dict[str, str]:
    found = {"CHROMIUM": chromium() or "", "PYTHONDONTWRITEBYTECODE": ""}
    if folders := _library_folders():
        found["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, folders))
        found["FONTCONFIG_FILE"] = str(_fonts())
    if sys.platform == "darwin":
        found["DYLD_FALLBACK_LIBRARY_PATH"] = "/opt/homebrew/lib:/usr/local/lib"
    return {name: value for name, value in found.items() if value}


def _fonts() -> Path:
    """Write the font list for Chromium when its fonts are unpacked below SYSTEM."""
    path = VAR / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{SYSTEM}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{VAR}/fontcache</cachedir></fontconfig>"
    )
    return path


# --- Python packages --------------------------------------------------------------------------
def _python() -> None:
    stamp = VENV / ".installed"
    locked = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == locked:
        return
    python = VENV / "bin" / "python"
    if not (VENV / "bin" / "pip").exists():
        with step("Virtual environment"):
            run([sys.executable, "-m", "venv", "--clear", VENV], LOG, "Making .venv")
    with step("Python packages, each checked against its hash"):
        doing = "Installing the Python packages"
        only_uv = VAR / "uv.txt"
        only_uv.write_text(_locked("uv"))
        pip = [python, "-m", "pip", "install", "-q", "--require-hashes", "-r"]
        run([*pip, only_uv], LOG, doing)
        sync = [VENV / "bin" / "uv", "pip", "sync", "-q", "--python", python, "--require-hashes"]
        # The renderer may write no file: without this it would compile WeasyPrint for every PDF.
        run([*sync, "--compile-bytecode", LOCK], LOG, doing)
    stamp.write_text(locked)


def _locked(package: str) -> str:
    """Return the lines of the lock file that pin `package` and its hashes."""
    lines = iter(LOCK.read_text().splitlines())
    block = [next(line for line in lines if line.startswith(f"{package}=="))]
    while block[-1].endswith("\\"):
        block.append(next(lines))
    return "\n".join(block) + "\n"
