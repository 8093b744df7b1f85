"""Holds the CI recipes to what docs/ci.md promises, and this very check to being able to fail."""

import pathlib
import re
import sys

try:
    import yaml
except ImportError:
    print("SKIPPED: what the CI recipes promise, there is no PyYAML")
    sys.exit(0)

CHECK = "deploy/ci/certvigil-ci check"
KEPT = {"markdown=reports/summary.md", "junit=reports/certvigil.xml", "sarif=reports/certvigil.sarif",
        "json=reports/certvigil.json"}


class Broken(Exception):
    """A promise that a recipe does not keep."""


def need(holds, promise):
    if not holds:
        raise Broken(promise)


def need_time(own_seconds, limit):
    """The job's own limit is above the check's with its 10 s of grace and the check for the bound, and not far above."""
    limit = int(limit)
    need(limit + 70 <= own_seconds <= limit + 180, f"a job's limit a little above {limit} s, not {own_seconds} s")


def need_minute(cron):
    need(re.fullmatch(r"[1-9]\d? \d+ \* \* \*", cron), f"a minute off the full hour, not {cron!r}")


def need_formats(words):
    told = set(re.findall(r"--format[= ](\S+)", words))
    need(KEPT <= told, f"reports {KEPT - told} are kept")
    need({"table", "github"} & told, "a report in the log")
    need(re.search(r"(-c |--config=\S*)\bcertvigil\.toml", words), "a config")


def github(text):
    flow = yaml.safe_load(text)
    need_minute(flow[True]["schedule"][0]["cron"])  # YAML 1.1 takes `on` for a truth value
    need(flow["concurrency"] == {"group": "certificates", "cancel-in-progress": False}, "no overlap")
    job = flow["jobs"]["check"]
    need_time(60 * job.get("timeout-minutes", 360), job["env"]["CERTVIGIL_LIMIT"])
    steps = job["steps"]
    runs = [step.get("run", "") for step in steps]
    start, check, report = (index(runs, word) for word in ("start", "check", "report"))
    need(start < check < report, "start, check, report in this order")
    need(steps[report].get("if") == "${{ always() }}", "a report that is always made")
    need(all("CERTVIGIL_CHECK_IN_URL" in steps[at]["env"] for at in (start, report)), "a check-in URL")
    need(not any(step.get("continue-on-error") for step in steps), "no failure is forgiven")
    need_formats(runs[check])
    kept = next(step for step in steps if step.get("uses", "").startswith("actions/upload-artifact@"))
    need(kept["with"]["path"] == "reports" and kept["if"] == "${{ always() }}", "reports that are always kept")
    sarif = next(step for step in steps if "upload-sarif" in step.get("uses", ""))
    need("always()" in sarif["if"] and flow["permissions"]["security-events"] == "write", "a SARIF upload")
    need(any("GITHUB_STEP_SUMMARY" in run for run in runs), "a summary")


def gitlab(text):
    need_minute(re.search(r'Pipeline schedules: "([^"]+)"', text)[1])
    flow = yaml.safe_load(text)
    job, report = flow["certificates"], flow["report"]
    need(job.get("resource_group"), "no overlap")
    need(not flow["default"]["interruptible"], "no interruption")
    need_time(60 * int(re.fullmatch(r"(\d+) minutes", job["timeout"])[1]), flow["variables"]["CERTVIGIL_LIMIT"])
    need(flow["start"]["script"] == ["deploy/ci/certvigil-ci start"], "a start")
    need(report["script"] == ["deploy/ci/certvigil-ci report"], "a report")
    need(report["when"] == "always" and report["stage"] == ".post", "a report that is always made")
    need(not any("allow_failure" in part for part in flow.values() if isinstance(part, dict)), "no failure is forgiven")
    need(CHECK in job["script"][0], "a check")
    need_formats(job["script"][0])
    kept = job["artifacts"]
    need(kept["when"] == "always" and kept["paths"] == ["reports"], "reports that are always kept")
    need(kept["reports"]["junit"] == "reports/certvigil.xml", "a JUnit report")


def jenkins(text):
    need_minute(re.search(r"cron\('([^']+)'\)", text)[1])
    need("disableConcurrentBuilds()" in text, "no overlap")
    minutes = re.search(r"timeout\(time: (\d+), unit: 'MINUTES'\)", text)
    need_time(60 * int(minutes[1]), re.search(r"CERTVIGIL_LIMIT = '(\d+)'", text)[1])
    stages, post = text.split("\n    post {")
    need(stages.index("certvigil-ci start") < stages.index("certvigil-ci check"), "start, then check")
    always = re.search(r"always \{(.*?)\n        \}", post, re.S)
    need(always and "certvigil-ci report" in always[1], "a report that is always made")
    need(len(re.findall(r"variable: 'CERTVIGIL_CHECK_IN_URL'", text)) == 2, "a check-in URL")
    need(not re.search(r"catchError|returnStatus|\|\| true", text), "no failure is forgiven")
    need_formats(stages)
    need("archiveArtifacts artifacts: 'reports/**'" in post, "reports that are kept")
    need("junit testResults: 'reports/certvigil.xml'" in post, "a JUnit report")


def concourse(text):
    flow = yaml.safe_load(text)
    job = flow["jobs"][0]
    need(job.get("serial") is True, "no overlap")
    resources = {resource["name"]: resource for resource in flow["resources"]}
    need(set(resources) == {"every-day", "inventory", "certvigil", "reports"}, "the resources that are used")
    begins = resources["every-day"]["source"]["start"]
    need(not re.search(r":00\b", begins), f"a minute off the full hour, not {begins}")
    tasks = {step["task"]: step for step in [*job["plan"], *job["ensure"]["do"]] if "task" in step}
    order = [step.get("task") for step in job["plan"]]
    need(order.index("start") < order.index("check"), "start, then check")
    check = tasks["check"]
    need_time(60 * int(check["timeout"].rstrip("m")), check["params"]["CERTVIGIL_LIMIT"])
    need(job["ensure"]["do"][0].get("task") == "report", "a report that is always made")
    need(tasks["report"]["config"]["run"]["args"] == ["report"], "a report")
    need(all(tasks[name]["params"].get("CERTVIGIL_CHECK_IN_URL") for name in ("start", "report")), "a check-in URL")
    need(not any("try" in step for step in job["plan"]), "no failure is forgiven")
    need_formats(" ".join(check["config"]["run"]["args"]))
    need(job["ensure"]["do"][-1].get("put") == "reports", "reports that are always kept")


def index(runs, word):
    found = [at for at, run in enumerate(runs) if f"certvigil-ci {word}" in run]
    need(len(found) == 1, f"one step that says {word}")
    return found[0]


RECIPES = {"github.yml": github, "gitlab.yml": gitlab, "Jenkinsfile": jenkins, "concourse.yml": concourse}

# What somebody may break, and each must be noticed.
SLIPS = {
    "github.yml": [("23 5", "0 5"), ("minutes: 11", "minutes: 9"), ("minutes: 11", "minutes: 60"), ("in-progress: false", "in-progress: true"),
                   ("        if: ${{ always() }}\n        env", "        env"), ("--format junit=reports/certvigil.xml", ""),
                   ("certvigil-ci start", "certvigil-ci report")],
    "gitlab.yml": [("23 5", "0 5"), ("11 minutes", "1 minutes"), ("  resource_group: certificates", "  #"), ("  when: always\n  timeout", "  timeout"),
                   ("    when: always", "    when: on_success"), ("interruptible: false", "interruptible: true")],
    "Jenkinsfile": [("23 5", "0 5"), ("time: 11", "time: 8"), ("disableConcurrentBuilds()", ""), ("        always {", "        success {"),
                    ("sh 'deploy/ci/certvigil-ci report'", ""), ("--format sarif=reports/certvigil.sarif", "")],
    "concourse.yml": [("5:23 AM", "5:00 AM"), ("timeout: 11m", "timeout: 9m"), ("serial: true", "serial: false"), ("- task: report", "- task: later"),
                      ("- put: reports", "- put: others"), ("params: &check-in\n          CERTVIGIL_CHECK_IN_URL", "params: &check-in\n          URL")],
}


def main(folder):
    faults = 0
    for name, promises in RECIPES.items():
        text = (folder / name).read_text()
        try:
            promises(text)
        except Broken as broken:
            print(f"{name}: expected {broken}")
            faults += 1
        for good, bad in SLIPS[name]:
            if text.count(good) == 0:
                print(f"{name}: {good!r} is not there to be broken")
                faults += 1
                continue
            try:
                promises(text.replace(good, bad, 1))
            except (Broken, KeyError, TypeError, ValueError):
                continue
            print(f"{name}: nobody notices that {good!r} became {bad!r}")
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
