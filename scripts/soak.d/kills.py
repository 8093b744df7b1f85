#!/usr/bin/env python3
"""Kills `certvigil check` at random moments, and looks at what it leaves behind.

    kills.py CERTVIGIL [--seconds S] [--seed N]

The endpoints are those of `certvigil demo --stay`: healthy ones, silent ones, and every fault
between. Each run gets SIGKILL, SIGTERM or SIGINT, sometimes a second one. Then

- nobody whom it started is left,
- its report is the old file, before the round began, or a whole new one, never a part; after a kill one that says that
  nothing was attempted,
- a run that was asked to end gives every endpoint a verdict and ends with 2,
- and a run that was over before ends as if nothing had come.

The seed decides everything but the machine's own timing. Ends 1 when anything was otherwise.
"""

import argparse
import collections
import contextlib
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

# What stands in the report's place before the run.
OLD = '{"schema": "old"}\n'
# From a signal to the end of the process and all that it started.
PATIENCE_S = 10
# A run that needs longer than this has not ended by itself.
LIMIT_S = 120


class Wrong(Exception):
    """A promise that was not kept."""


class Left(Wrong):
    """Processes that outlived who started them."""

    def __init__(self, survivors):
        super().__init__(f"still there {PATIENCE_S} s after the end: {', '.join(survivors)}")
        self.count = len(survivors)


def main():
    options = arguments()
    dice = random.Random(options.seed)
    told = Told()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, lab(options.certvigil) as (
        root,
        places,
    ):
        trust = pathlib.Path(folder, "lab.pem")
        trust.write_text(root)
        until = time.monotonic() + options.seconds
        while time.monotonic() < until:
            place = pathlib.Path(folder, str(told.runs))
            place.mkdir()
            plan = Plan.drawn(dice, places)
            try:
                told.add(plan, run(options.certvigil, plan, trust, place))
            except Wrong as wrong:
                told.wrong(plan, wrong)
    print(told.words())
    figures.put("kills", options.seed, told.words())
    sys.exit(1 if told.faults else 0)


class Plan:
    """One run: what to look at, when to kill it, and how."""

    @classmethod
    def drawn(cls, dice, places):
        plan = cls()
        plan.concurrency = dice.choice([1, 4, 16, 64, 128])
        plan.signal = dice.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
        plan.second = dice.random() < 0.15
        # By thirds: within a blink of the start, over the round, and while the report is written.
        moment = dice.randrange(3)
        plan.at_the_end = moment == 2
        plan.after = dice.uniform(0, [0.15, 3, 0.02][moment])
        drawn = dice.choices(places, k=dice.randint(1, 50 if plan.at_the_end else 300))
        plan.targets = list(told_apart(drawn))
        plan.has_old = dice.random() < 0.5
        return plan

    def __str__(self):
        twice = ", twice" if self.second else ""
        begin = "the last verdict" if self.at_the_end else "the start"
        return (
            f"{self.signal.name}{twice} {self.after:.3f} s after {begin} of {len(self.targets)} "
            f"targets, {self.concurrency} at a time"
        )


def told_apart(places):
    """A place that was drawn again is asked for another name: the same one would be one endpoint."""
    drawn = collections.Counter()
    for place in places:
        drawn[place] += 1
        again = drawn[place]
        yield place if again == 1 else f"{place.partition('#')[0]}#again-{again}.example"


class Told:
    """What all runs together came to."""

    def __init__(self):
        self.runs = 0
        self.ends = collections.Counter()
        self.faults = []
        self.left = 0
        self.slowest_s = 0
        self.readers = 0
        self.parts = 0

    def add(self, plan, end):
        self.runs += 1
        self.ends[plan.signal.name, end.how] += 1
        self.slowest_s = max(self.slowest_s, end.took_s)
        self.readers += end.readers
        self.parts += end.parts

    def wrong(self, plan, wrong):
        self.runs += 1
        self.left += wrong.count if isinstance(wrong, Left) else 0
        self.faults.append(f"run {self.runs}: {plan}: {wrong}")
        print(f"WRONG: {self.faults[-1]}", file=sys.stderr)

    def words(self):
        ends = sorted(self.ends.items())
        lines = [f"| {name} | {how} | {count} |" for (name, how), count in ends]
        return "\n".join(
            [
                f"{self.runs} runs killed, {len(self.faults)} of them left something wrong.",
                "",
                "| signal | end | runs |",
                "|---|---|---:|",
                *lines,
                "",
                f"Reading children alive at the moment of the kill: {self.readers}; left behind: "
                f"{self.left}. From the signal until everything was gone: {self.slowest_s:.2f} s "
                f"at most. Passing files that SIGKILL left: {self.parts}.",
                *(f"- WRONG: {fault}" for fault in self.faults[:20]),
            ]
        )


class End:
    """How one run ended."""

    def __init__(self, how, took_s, readers, parts):
        self.how = how
        self.took_s = took_s
        self.readers = readers
        self.parts = parts


def run(certvigil, plan, trust, place):
    report, lines = place / "report.json", place / "lines"
    if plan.has_old:
        report.write_text(OLD)
    told = ["--format", f"json={report}", "--format", "ndjson", "--no-progress"]
    how = ["--deadline", "2s", "--concurrency", str(plan.concurrency), "--trust", str(trust)]
    with open(lines, "wb") as out:
        child = subprocess.Popen(
            [certvigil, "check", "--stdin", *told, *how],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.DEVNULL,
            # What it starts can be told by the session, whatever groups there are in it.
            start_new_session=True,
        )
    try:
        with contextlib.suppress(BrokenPipeError), child.stdin:
            child.stdin.write("\n".join(plan.targets).encode())
        if plan.at_the_end:
            last_verdict(child, lines, len(plan.targets))
        end = kill(child, plan)
    finally:
        survivors = clear(child)
    if survivors:
        raise Left(survivors)
    seen = Seen(child.returncode, report, lines, plan)
    return End(seen.how(), end.took_s, end.readers, parts(place, plan))


def last_verdict(child, lines, count):
    """Waits until the stream has a line for every endpoint, and one for the start."""
    seen, until = 0, time.monotonic() + LIMIT_S
    with open(lines, "rb") as stream:
        while seen <= count and child.poll() is None:
            if time.monotonic() > until:
                raise Wrong(f"{seen} lines of {count} endpoints after {LIMIT_S} s")
            seen += stream.read().count(b"\n")
            time.sleep(0.001)


def kill(child, plan):
    time.sleep(plan.after)
    readers = len(session(child.pid)) - 1
    begun = time.monotonic()
    # A process that has ended and was not waited for keeps its number, so this hits no other.
    child.send_signal(plan.signal)
    if plan.second:
        time.sleep(0.02)
        child.send_signal(plan.signal)
    try:
        child.wait(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Wrong(f"runs on {PATIENCE_S} s after {plan.signal.name}") from None
    while len(session(child.pid)) > 0 and time.monotonic() < begun + PATIENCE_S:
        time.sleep(0.005)
    return End("", time.monotonic() - begun, max(readers, 0), 0)


def clear(child):
    """Ends what should not be there any more, by its own number, and says what it was."""
    if child.poll() is None:
        child.kill()
        child.wait()
    left = []
    for pid in session(child.pid):
        with contextlib.suppress(OSError):
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            left.append(f"{pid} ({words.decode(errors='replace').strip()})")
            os.kill(pid, signal.SIGKILL)
    return left


def session(leader):
    """The processes of a session that still run."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            state, owner = fields[0], int(fields[3])
            if owner == leader and state not in "ZX":
                found.append(int(entry))
    return found


def parts(place, plan):
    """Passing files; only a process that nobody asked may leave one."""
    left = [path.name for path in place.iterdir() if path.name not in ("report.json", "lines")]
    if left and plan.signal != signal.SIGKILL and not plan.second:
        raise Wrong(f"left {', '.join(left)}")
    return len(left)


class Seen:
    """What a run left, looked at."""

    def __init__(self, code, report, lines, plan):
        self.code = code
        self.plan = plan
        self.lines = stream(lines)
        self.report = whole(report, plan)

    def how(self):
        """The end in words; Wrong where it is none of those that may be."""
        if self.code == -self.plan.signal:
            return self.killed()
        if self.plan.signal == signal.SIGKILL and self.code < 0:
            raise Wrong(f"ended by signal {-self.code}, which nobody sent")
        if self.code not in (0, 1, 2) or self.report is None:
            raise Wrong(f"ended with {self.code} and {'a' if self.report else 'no'} report")
        self.has_all()
        unseen = self.outcomes()["not-attempted"]
        if self.code == 2 and unseen:
            return "2, the rest not attempted"
        if unseen or self.report["round"]["complete"] is False:
            raise Wrong(f"ended with {self.code}, and {unseen} endpoints were not attempted")
        if self.code == 2:
            raise Wrong("ended with 2, and every endpoint was attempted")
        return "over before"

    def killed(self):
        asked = self.plan.signal != signal.SIGKILL
        if asked and not self.plan.second and any(kind == "endpoint" for kind in self.lines):
            raise Wrong("died of a signal that it should have heard: the round had begun")
        if self.report is not None and not self.is_pending():
            self.has_all()
            return "killed, the report was there"
        if self.report is not None:
            return "killed, the report says that nothing was attempted"
        if any(kind == "endpoint" for kind in self.lines):
            raise Wrong("the round had begun, and yesterday's report, or none, is still there")
        return "killed before it listened" if asked else "killed, no report"

    def is_pending(self):
        """What stands in a report's place before the first look, and says so."""
        round_, count = self.report["round"], len(self.plan.targets)
        if round_["complete"] or round_["attempted"] or self.report["endpoints"]:
            return False
        if round_["expected"] != count:
            raise Wrong(f"{count} targets, and a report of none of {round_['expected']}")
        return True

    def has_all(self):
        """N endpoints in, N verdicts out."""
        count, round_ = len(self.plan.targets), self.report["round"]
        endpoints = self.report["endpoints"]
        verdicts = sum(round_["summary"].values())
        unseen = self.outcomes()["not-attempted"]
        if not (count == round_["expected"] == len(endpoints) == verdicts):
            raise Wrong(f"{count} targets, {len(endpoints)} endpoints, {verdicts} verdicts")
        if round_["attempted"] != count - unseen:
            raise Wrong(f"{round_['attempted']} attempted, {unseen} not, of {count}")
        given = collections.Counter(self.plan.targets)
        told = collections.Counter(name for one in endpoints for name in one["targets"])
        if given != told:
            raise Wrong("the report's targets are not those that were given")
        if any(one["outcome"] == "local" for one in endpoints):
            raise Wrong("an end was put down to ourselves")

    def outcomes(self):
        return collections.Counter(one["outcome"] for one in self.report["endpoints"])


def whole(report, plan):
    """The new report; None where the old one, or none, is still there."""
    if not report.exists():
        if plan.has_old:
            raise Wrong("the old report is gone")
        return None
    text = report.read_text()
    if plan.has_old and text == OLD:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise Wrong(f"the report is torn: {error}") from error


def stream(lines):
    """The kinds of the whole lines; only the last may be cut, by a kill in the midst of it."""
    texts = lines.read_bytes().split(b"\n")
    try:
        return [json.loads(text)["type"] for text in texts[:-1]]
    except ValueError as error:
        raise Wrong(f"a line of the stream is torn: {error}") from error


@contextlib.contextmanager
def lab(certvigil):
    """The demo's endpoints: their root, and their targets."""
    server = subprocess.Popen(
        [certvigil, "demo", "--stay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        root, places = [], []
        for line in server.stdout:
            if line.startswith("The endpoints stay up"):
                break
            words = line.split()
            if len(words) == 2 and "127.0.0.1" in words[1] or line.startswith("healthy-ipv6"):
                places.append(words[-1])
            elif not places:
                root.append(line)
        if len(places) < 70:
            sys.exit(f"error: the demo has {len(places)} endpoints")
        yield "".join(root), places
    finally:
        server.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
        server.kill()
        server.wait()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("certvigil", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
