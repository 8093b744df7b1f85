"""What a program takes of the machine: CPU seconds of user and system, wall seconds, memory."""

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import tempfile

# No run takes longer, whatever the tool does.
LIMIT_S = 180

TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A run that gave no figures; says why."""


@dataclasses.dataclass(frozen=True)
class Cost:
    cpu_s: float
    wall_s: float
    # Of the largest process.
    peak_rss_kib: int


def of_command(programs, command, given=b""):
    """Runs `command` with `given` on its standard input; its cost with all children that it
    waited for, and what it printed."""
    with tempfile.TemporaryDirectory(prefix="cost-") as folder:
        told = pathlib.Path(folder, "told")
        printed, complaint = _run([programs.cost, told, *command], given)
        if not told.exists():
            raise Failed(f"it could not be run: {complaint}")
        figures = json.loads(told.read_text())
    if not printed:
        raise Failed(f"it printed nothing and ended with {figures['exit']}: {complaint}")
    cpu = figures["user_s"] + figures["system_s"]
    return Cost(cpu, figures["wall_s"], figures["peak_rss_kib"]), printed


def _run(command, given):
    pipe = subprocess.PIPE
    child = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    )
    try:
        printed, complaint = child.communicate(given, timeout=LIMIT_S)
        return printed, _last_line(complaint)
    except BaseException as error:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if isinstance(error, subprocess.TimeoutExpired):
            raise Failed(f"not done within {LIMIT_S} s") from error
        raise


def _last_line(text):
    return text.decode(errors="replace").strip().rpartition("\n")[2]


def cpu_of_process(pid):
    """CPU seconds that a running process has used, to 0.01 s."""
    # What follows the program's name, which may hold anything, begins with field 3.
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_rss_kib_of_process(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise Failed(f"the kernel tells no peak memory of process {pid}")
