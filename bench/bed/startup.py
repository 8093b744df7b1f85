"""What one `check` of one endpoint costs beyond the handshake: starting up and winding down."""

import json
import statistics

from . import cost, tools

TIMES = 20


def measure(programs, endpoints):
    """CPU milliseconds of whole processes, medians."""
    target = endpoints.targets[0]
    alone = endpoints.folder / "one.txt"
    alone.write_text(target + "\n")
    bound = [programs.bound, "handshake", alone, endpoints.root]
    check = [programs.certvigil, "check", "--format", "json", "--no-progress", target]
    # By turns, so that all see the same machine.
    commands = {
        tools.Handshake.name: bound,
        "certvigil check, trust from a file": [*check, "--trust", endpoints.root],
        "certvigil check, the system's trust": check,
    }
    spent = {name: [] for name in commands}
    try:
        for _ in range(TIMES):
            for name, command in commands.items():
                spent[name].append(_cpu_ms(programs, command))
    except (cost.Failed, ValueError) as error:
        return {"skipped": str(error)}
    medians = {name: statistics.median(each) for name, each in spent.items()}
    return {"times": TIMES, "cpu_ms": medians}


def _cpu_ms(programs, command):
    used, printed = cost.of_command(programs, command)
    # A program that only failed would be quick.
    json.loads(printed)
    return used.cpu_s * 1e3
