#!/usr/bin/env python3
"""Puts what a long run measured between its markers in docs/benchmarks.md.

    figures.py NAME SEED <TEXT
"""

import os
import pathlib
import sys
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
from bed import machine  # noqa: E402

PAGE = ROOT / "docs/benchmarks.md"


def put(name, seed, text):
    """Replaces the section of step `name`: the last run's figures are those that count."""
    begin, end = f"<!-- soak:{name} -->\n", f"<!-- /soak:{name} -->"
    before, found, rest = PAGE.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        sys.exit(f"error: {PAGE} has no markers {begin.strip()} and {end}")
    day = time.strftime("%Y-%m-%d", time.gmtime())
    told = f"{text.strip()}\n\nOn {day}, seed {seed}, {machine.described()}.\n"
    whole = PAGE.with_name(f".{PAGE.name}.{os.getpid()}")
    whole.write_text(f"{before}{begin}{told}{end}{after}")
    whole.replace(PAGE)


if __name__ == "__main__":
    put(sys.argv[1], sys.argv[2], sys.stdin.read())
