"""How soon the healthy endpoints are done when servers that say nothing stand among them."""

import json
import random
import statistics
import subprocess
import sys
import threading
import time

from . import cost, servers

# One silent server for so many healthy ones.
HEALTHY_PER_SILENT = 10


def measure(programs, endpoints, rounds):
    """Seconds from certvigil's start until its stream has shown the last healthy endpoint."""
    healthy = endpoints.targets
    with servers.silent(len(healthy) // HEALTHY_PER_SILENT) as silent:
        together = healthy + silent
        # The same order in every run.
        random.Random(1).shuffle(together)
        try:
            runs = [_both(programs, endpoints, together, number) for number in range(rounds)]
        except (cost.Failed, OSError, ValueError, KeyError) as error:
            return {"skipped": f"{type(error).__name__}: {error}"}
    alone, mixed = zip(*runs)
    ratios = [hindered["healthy_s"] / free["healthy_s"] for free, hindered in runs]
    return {
        "rounds": rounds,
        "healthy": len(healthy),
        "silent": len(silent),
        "alone": _medians(alone),
        "mixed": _medians(mixed),
        "ratio": {"median": statistics.median(ratios), "min": min(ratios), "max": max(ratios)},
    }


def _both(programs, endpoints, together, number):
    alone = _run(programs, endpoints, endpoints.targets)
    mixed = _run(programs, endpoints, together)
    told = f"{alone['healthy_s']:.2f} s alone, {mixed['healthy_s']:.2f} s with silent ones"
    print(f"round {number + 1}: {told}", file=sys.stderr)
    return alone, mixed


def _medians(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _run(programs, endpoints, targets):
    told = ["--stdin", "--format", "ndjson", "--no-progress", "--first-certificate"]
    command = [programs.certvigil, "check", *told, "--trust", endpoints.root]
    lines = list(_stamped(command, "\n".join(targets).encode()))
    seen = [(at, json.loads(line)) for at, line in lines]
    looks = [(at, line) for at, line in seen if line["type"] == "endpoint"]
    healthy = set(endpoints.targets)
    done = [at for at, line in looks if line["address"] in healthy and line["verdict"] == "ok"]
    if len(done) != len(healthy) or len(looks) != len(targets):
        raise cost.Failed(f"{len(done)} of {len(healthy)} healthy endpoints were found so")
    return {"healthy_s": max(done), "round_s": lines[-1][0]}


def _stamped(command, given):
    """Each line that `command` prints, with the seconds from its start until then."""
    begun = time.monotonic()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as child:
        limit = threading.Timer(cost.LIMIT_S, child.kill)
        limit.start()
        child.stdin.write(given)
        child.stdin.close()
        try:
            for line in child.stdout:
                yield time.monotonic() - begun, line
        finally:
            limit.cancel()
            child.kill()
