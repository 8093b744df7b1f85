"""Words the figures as Markdown tables that are also aligned for a terminal."""

# What the product promises: times the bound, for one look and for two.
GOALS = {"certvigil --first-certificate": 1.0, "certvigil": 1.25}
START_UP_GOAL_MS = 8
SILENT_GOAL = 1.2

PEERS_HEAD = [
    "tool",
    "targets",
    "CPU ms/endpoint",
    "min..max",
    "x bound",
    "min..max",
    "endpoints/s",
    "peak RSS MiB",
    "right",
]


def worded(found):
    """The text of each section, by its name."""
    words = {"peers": _peers, "start-up": _start_up, "silent": _silent}
    return {
        name: f"{say(found[name])}\n\nMeasured on {found['machine']}.\n"
        for name, say in words.items()
        if name in found
    }


def put(path, name, text):
    """Replaces what stands between the markers of section `name` in a file."""
    begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->"
    before, found, rest = path.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise SystemExit(f"error: {path} has no markers {begin.strip()} and {end}")
    path.write_text(f"{before}{begin}{text}{end}{after}")


def certvigil_was_right(found):
    """Whether certvigil was measured, and told the right verdict of every endpoint."""
    if any("skipped" in found.get(name, {}) for name in ("silent", "start-up")):
        return False
    peers = found.get("peers", {"rows": [], "skipped": {}})
    right = all(row["right"] == row["targets"] for row in peers["rows"] if row["name"] in GOALS)
    return right and not GOALS.keys() & peers["skipped"].keys()


def _peers(found):
    rows = sorted(found["rows"], key=lambda row: row["cpu_ms"]["median"])
    legend = "\n".join(f"- {row['name']}: {row['does']}." for row in rows)
    skipped = "".join(f"\n\nSKIPPED: {name}: {why}." for name, why in found["skipped"].items())
    count = f"{found['rounds']} rounds by turns; medians."
    table = _table(PEERS_HEAD, map(_peer, rows))
    return f"{table}\n\n{count}{skipped}\n\n{_goals(found['rows'])}\n\n{legend}"


def _peer(row):
    cpu, ratio = row["cpu_ms"], row["ratio"]
    return [
        row["name"],
        f"{row['targets']:,}",
        f"{cpu['median']:.3f}",
        f"{cpu['min']:.3f}..{cpu['max']:.3f}",
        f"{ratio['median']:.2f}",
        f"{ratio['min']:.2f}..{ratio['max']:.2f}",
        f"{row['endpoints_per_s']:,.0f}",
        f"{row['peak_rss_mib']:.1f}",
        f"{row['right']:,} of {row['targets']:,}",
    ]


def _goals(rows):
    ratios = {row["name"]: row["ratio"]["median"] for row in rows}
    return "\n".join(f"- {name}: {_goal(ratios.get(name), GOALS[name])}." for name in GOALS)


def _goal(ratio, goal):
    return "NOT MEASURED" if ratio is None else _reached(ratio, goal, "times the bound")


def _start_up(found):
    if "skipped" in found:
        return f"SKIPPED: start-up: {found['skipped']}."
    (bound, least), *checks = found["cpu_ms"].items()
    rows = [[bound, f"{least:.2f}", ""]]
    rows += [[name, f"{spent:.2f}", f"{spent - least:.2f}"] for name, spent in checks]
    table = _table(["one endpoint, one process", "CPU ms", "beyond the bound"], rows)
    said = _reached(checks[0][1] - least, START_UP_GOAL_MS, "ms beyond the bound")
    return f"{table}\n\n{found['times']} runs by turns; medians. {said}."


def _silent(found):
    if "skipped" in found:
        return f"SKIPPED: {found['skipped']}."
    rows = [
        [f"{found['healthy']:,} healthy", *_seconds(found["alone"])],
        [f"and {found['silent']:,} silent among them", *_seconds(found["mixed"])],
    ]
    table = _table(["endpoints", "last healthy one shown, s", "round over, s"], rows)
    ratio = found["ratio"]
    spread = f"{ratio['min']:.2f}..{ratio['max']:.2f}"
    said = _reached(ratio["median"], SILENT_GOAL, "times as long")
    return f"{table}\n\n{found['rounds']} runs by turns; medians. {said} ({spread})."


def _seconds(run):
    return [f"{run['healthy_s']:.2f}", f"{run['round_s']:.2f}"]


def _reached(figure, goal, unit):
    said = "reached" if round(figure, 2) <= goal else "MISSED"
    return f"{figure:.2f} {unit}, the goal of {goal:g} is {said}"


def _table(head, rows):
    rows = [head, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    first, *rest = widths
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in rest)]
    lines = [_line(rows[0], widths), _line(rule, widths), *(_line(row, widths) for row in rows[1:])]
    return "\n".join(lines)


def _line(cells, widths):
    first, *rest = zip(cells, widths)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(padded)} |"
