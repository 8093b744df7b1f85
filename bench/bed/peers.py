"""Runs certvigil, the bounds and the peers over the same endpoints, by turns."""

import dataclasses
import statistics
import sys

from . import cost, exporter, packages, tools

TOOLS = (*tools.ALL, exporter.Blackbox)

# What every tool is compared with.
BOUND = tools.Handshake.name


def measure(programs, endpoints, rounds, only):
    """The rows of the table, and which tools were skipped, with the reason."""
    skipped = {}
    wanted = [kind for kind in TOOLS if not only or only in kind.name or kind.name == BOUND]
    ready = _ready(wanted, programs, endpoints, skipped)
    runs = {tool.name: [] for tool in ready}
    for number in range(rounds):
        # Each begins a round in turn, so that none always follows the same other.
        turn = number % len(ready)
        for tool in ready[turn:] + ready[:turn]:
            if tool.name not in skipped:
                _run(tool, f"round {number + 1} of {rounds}", runs, skipped)
    rows = [_row(tool, runs) for tool in ready if tool.name not in skipped]
    return {"rounds": rounds, "endpoints": len(endpoints.targets), "rows": rows, "skipped": skipped}


def _ready(wanted, programs, endpoints, skipped):
    ready = []
    for kind in wanted:
        try:
            ready.append(kind(programs, endpoints))
        except packages.Missing as missing:
            skipped[kind.name] = str(missing)
    return ready


def _run(tool, where, runs, skipped):
    try:
        run = tool.run()
    except (cost.Failed, OSError, ValueError, KeyError) as error:
        skipped[tool.name] = f"{type(error).__name__}: {error}"
        print(f"{where}: {tool.name} SKIPPED: {skipped[tool.name]}", file=sys.stderr)
        return
    runs[tool.name].append(run)
    told = f"{run.cpu_ms:.3f} ms, {run.right} of {tool.count} right"
    print(f"{where}: {tool.name}: {told}", file=sys.stderr)


def _row(tool, runs):
    mine = runs[tool.name]
    # Only runs of one round are compared: the machine may have other work too.
    ratios = [run.cpu_ms / bound.cpu_ms for run, bound in zip(mine, runs[BOUND])]
    return {
        "name": tool.name,
        "does": tool.does,
        "targets": tool.count,
        "cpu_ms": _spread([run.cpu_ms for run in mine]),
        "ratio": _spread(ratios),
        "endpoints_per_s": statistics.median(run.endpoints_per_s for run in mine),
        "peak_rss_mib": statistics.median(run.peak_rss_mib for run in mine),
        "right": min(run.right for run in mine),
        "runs": [dataclasses.asdict(run) for run in mine],
    }


def _spread(figures):
    return {"median": statistics.median(figures), "min": min(figures), "max": max(figures)}
