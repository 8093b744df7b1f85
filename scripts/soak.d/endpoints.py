#!/usr/bin/env python3
"""Checks 100,000 endpoints, and whether memory is flat in their number.

    endpoints.py [--certvigil FILE] [--endpoints N] [--seed N]

nginx serves 1,000 certificates on as many ports of loopback; each is asked for by N / 1,000 server
names. Two of these are in its certificate, so every single verdict is known beforehand. A tenth of
the list is run first: what the whole list takes more in memory may only be the list itself. Then the
whole list once more, every hundredth endpoint a server that accepts and says nothing.
Ends 1 when a verdict was wrong or missing, a round outlasted its bound, or memory was not flat or
above 150 MB.
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import figures  # noqa: E402
from bed import packages, servers  # noqa: E402

SERVERS = 1000
# A whole list may take so much more than a tenth of it, beside the bytes of the list and the hashes
# of its names: what the round remembers of them ends at a million.
GROWTH = 1.15
NAME_BYTES = 24
PEAK_KIB = 150_000_000 / 1024
# One silent server for so many endpoints.
PER_SILENT = 100
LIMIT_S = 3600


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    programs = packages.build(figures.ROOT / "bench", options.certvigil)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="endpoints-"))
        folder = pathlib.Path(folder)
        endpoints = stack.enter_context(servers.nginx(programs, folder, SERVERS))
        names = options.endpoints // SERVERS
        few, all_of_them = listed(endpoints, max(names // 10, 2)), listed(endpoints, names)
        silent = stack.enter_context(servers.silent(len(all_of_them) // PER_SILENT))
        mixed = all_of_them[: -len(silent)] + silent
        bench = Bench(programs.certvigil, endpoints.root, folder, options.seed)
        runs = [bench.measured(few), bench.measured(all_of_them), bench.measured(mixed, silent)]
    faults = [fault for run in runs for fault in run.faults] + growth(*runs[:2])
    text = worded(runs, faults)
    print(text)
    figures.put("hundred-thousand", options.seed, text)
    sys.exit(1 if faults else 0)


@dataclasses.dataclass
class Run:
    """What one list took."""

    count: int
    # Bytes of the list on standard input.
    given: int
    wall_s: float
    # Of certvigil and its reading children.
    cpu_s: float
    peak_kib: int
    # Resident memory of certvigil alone at each tenth of the time.
    course_kib: list
    faults: list
    silent: int = 0
    bound_s: float = 0.0


@dataclasses.dataclass
class Bench:
    """What all runs have in common."""

    certvigil: pathlib.Path
    root: pathlib.Path
    folder: pathlib.Path
    seed: int

    def measured(self, targets, silent=()):
        targets = list(targets)
        random.Random(self.seed).shuffle(targets)
        given, report = self.folder / "list", self.folder / "report.ndjson"
        given.write_text("\n".join(targets) + "\n")
        print(f"{len(targets):,} endpoints, {len(silent):,} of them silent", file=sys.stderr)
        told = ["--format", f"ndjson={report}", "--no-progress", "--fail-on", "never"]
        command = [self.certvigil, "check", "--stdin", "--trust", self.root, *told]
        run = watched(command, given)
        run.count, run.silent = len(targets), len(silent)
        run.faults += wrong(report, targets, set(silent), run)
        if run.peak_kib > PEAK_KIB:
            run.faults.append(f"memory rose to {run.peak_kib} KiB")
        report.unlink(missing_ok=True)
        return run


def listed(endpoints, names):
    return [
        f"{target}#{name}"
        for index, target in enumerate(endpoints.targets)
        for name in names_of(index, names)
    ]


def names_of(index, count):
    """Names to ask endpoint number `index` for, the two that its certificate has first."""
    own = f"host-{index}.bench.test"
    return [own, f"www.{own}", *(f"www-{number}.{own}" for number in range(count - 2))]


def watched(command, given):
    begun = time.monotonic()
    with open(given, "rb") as list_of_targets:
        child = subprocess.Popen(
            command, stdin=list_of_targets, stdout=subprocess.DEVNULL, start_new_session=True
        )
    course, peak = [], 0
    try:
        while (ended := os.wait4(child.pid, os.WNOHANG))[0] == 0:
            now = memory_kib(child.pid)
            if now:
                course.append(now[0])
                peak = max(peak, now[1])
            if time.monotonic() > begun + LIMIT_S:
                raise TimeoutError(f"not done within {LIMIT_S} s")
            time.sleep(0.05)
    except BaseException:
        child.kill()
        child.wait()
        raise
    wall = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(ended[1])
    faults = [] if child.returncode == 0 else [f"it ended with {child.returncode}"]
    spent = ended[2].ru_utime + ended[2].ru_stime
    tenths = [course[(len(course) - 1) * tenth // 10] for tenth in range(1, 11)] if course else []
    return Run(0, given.stat().st_size, wall, spent, peak, tenths, faults)


def memory_kib(pid):
    """Resident memory of a process now, and its peak so far; none once it has ended."""
    with contextlib.suppress(OSError):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines)
        if "VmHWM" in fields:
            return int(fields["VmRSS"].split()[0]), int(fields["VmHWM"].split()[0])
    return None


def wrong(report, targets, silent, run):
    """What is not as it should be, endpoint by endpoint; the file is read as it streams."""
    faults, told, missing = collections.Counter(), None, set(targets)
    if len(missing) != len(targets):
        raise AssertionError("the list has a target twice")
    with open(report, "rb") as lines:
        for told in map(json.loads, lines):
            if told["type"] != "endpoint":
                continue
            (target,) = told["targets"]
            missing.discard(target)
            if fault := fault_of(told, target, target in silent):
                faults[fault] += 1
    found = [f"{count:,} endpoints: {fault}" for fault, count in faults.most_common(10)]
    if missing:
        found.append(f"{len(missing):,} endpoints without a line, such as {min(missing)}")
    counts = {"expected": len(targets), "attempted": len(targets)}
    counts["checked"] = len(targets) - len(silent)
    for name, count in counts.items():
        if told.get(name) != count:
            found.append(f"{name} is {told.get(name)} of {count:,}")
    run.bound_s = told.get("bound_ms", 0) / 1e3
    if run.wall_s > run.bound_s:
        found.append(f"the round took {run.wall_s:.1f} s, its bound is {run.bound_s:.1f} s")
    return found


def fault_of(endpoint, target, is_silent):
    if is_silent:
        return None if endpoint["outcome"] == "timeout" else f"silent, {endpoint['outcome']}"
    name = target.partition("#")[2]
    covered = name.startswith(("host-", "www."))
    ids = {finding["id"] for finding in endpoint["findings"] if finding["severity"] != "info"}
    want = ("ok", set()) if covered else ("critical", {"name-mismatch"})
    if (endpoint["verdict"], ids) == want:
        return None
    return f"{endpoint['verdict']}, {endpoint['outcome']}, {', '.join(sorted(ids))}"


def growth(small, large):
    """Memory beyond what the longer list and its names take."""
    names = min(large.count, 1_000_000) - small.count
    beside = large.given - small.given + names * NAME_BYTES
    allowed = small.peak_kib * GROWTH + beside / 1024
    if large.peak_kib <= allowed:
        return []
    return [f"memory grew from {small.peak_kib} to {large.peak_kib} KiB, {allowed:.0f} allowed"]


def worded(runs, faults):
    rows = [
        f"| {run.count:,} | {run.silent:,} | {run.wall_s:.1f} | {run.bound_s:,.0f} "
        f"| {run.count / run.wall_s:,.0f} "
        f"| {run.cpu_s / run.count * 1e3:.3f} | {run.peak_kib / 1024:.1f} "
        f"| {run.given / 2**20:.1f} |"
        for run in runs
    ]
    course = ", ".join(f"{kib / 1024:.1f}" for kib in runs[-1].course_kib)
    verdicts = "every verdict right" if not faults else "; ".join(["WRONG", *faults])
    return "\n".join(
        [
            "| endpoints | silent | s | bound, s | endpoints/s | CPU ms/endpoint | peak RSS MiB "
            "| list MiB |",
            "|---:|---:|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            f"{runs[-1].count:,} endpoints: {verdicts}. Resident memory at each tenth of the "
            f"last round, MiB: {course}.",
        ]
    )


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--certvigil", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--endpoints", type=int, default=100_000, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
