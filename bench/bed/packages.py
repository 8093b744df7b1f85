"""Gets the programs: builds ours, and installs the peers where they are missing."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

# Where Debian puts programs that are not for everybody's PATH.
PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/nagios/plugins"])


class Missing(Exception):
    """A program that cannot be had here; says why."""


@dataclasses.dataclass(frozen=True)
class Programs:
    """What we built."""

    certvigil: pathlib.Path
    bound: pathlib.Path
    cost: pathlib.Path
    fixtures: pathlib.Path
    # A folder for what lasts from one run to the next.
    kept: pathlib.Path


def build(here, certvigil):
    """Builds the bench's own programs and, unless it is given, certvigil as it is released."""
    root = here.parent
    _run(["cargo", "build", "--quiet", "--release"], here)
    if certvigil is None:
        _run(["cargo", "build", "--quiet", "--profile", "dist", "-p", "certvigil"], root)
        certvigil = root / "target/dist/certvigil"
    ours = here / "target/release"
    return Programs(
        certvigil.resolve(), ours / "bound", ours / "cost", ours / "fixtures", root / "target/peers"
    )


def debian(program, package):
    """The path of `program`; installs `package` if there is none."""
    if found := shutil.which(program, path=PLACES):
        return found
    if os.geteuid() != 0:
        raise Missing(f"no {program}; as root: apt-get install {package}")
    # In runlevel 1 a package does not start its service.
    quiet = dict(os.environ, RUNLEVEL="1", DEBIAN_FRONTEND="noninteractive")
    update = ["apt-get", "update", "--quiet"]
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package]
    if not (_succeeds(update, quiet) and _succeeds(install, quiet)):
        raise Missing(f"no {program}, and {package} could not be installed")
    if found := shutil.which(program, path=PLACES):
        return found
    raise Missing(f"{package} is installed and has no {program}")


def python(program, package, folder):
    """The path of `program` from the Python archive, in a virtual environment of its own."""
    place = folder / package
    if not (place / "bin" / program).exists():
        made = _succeeds([sys.executable, "-m", "venv", place])
        if not (made and _succeeds([place / "bin/pip", "install", "--quiet", package])):
            shutil.rmtree(place, ignore_errors=True)
            raise Missing(f"{package} could not be installed from the Python archive")
    return str(place / "bin" / program)


def _succeeds(command, environment=None):
    print(" ".join(map(str, command)), file=sys.stderr)
    try:
        ended = subprocess.run(command, env=environment, stdout=sys.stderr, timeout=600)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0


def _run(command, folder):
    print(" ".join(command), file=sys.stderr)
    if subprocess.run(command, cwd=folder).returncode != 0:
        sys.exit(2)
