"""certvigil, the bounds, and the peers that are started anew for a list: one class each.

A tool has a `name`, says what it `does` for an endpoint, takes `count` endpoints, and its `run()`
gives a Run. What counts as right is what the tool claims: a verdict, or only the dates.
"""

import dataclasses
import json

from . import cost, packages


@dataclasses.dataclass(frozen=True)
class Run:
    """One run over a list."""

    # Of the client, per endpoint.
    cpu_ms: float
    endpoints_per_s: float
    peak_rss_mib: float
    # Endpoints of which the right thing was said.
    right: int

    @classmethod
    def over(cls, count, spent, right):
        each = spent.cpu_s / count * 1e3
        return cls(each, count / spent.wall_s, spent.peak_rss_kib / 1024, right)


class Command:
    """A tool that is a command: targets go in by its arguments or its standard input."""

    # The most endpoints it gets; more would take too long.
    most = None

    def __init__(self, programs, endpoints):
        self.programs = programs
        self.folder = endpoints.folder
        self.root = endpoints.root
        self.targets = endpoints.targets[: self.most]
        self.count = len(self.targets)
        self.given = "".join(target + "\n" for target in self.targets).encode()
        self.command = self.prepare()

    def run(self):
        spent, printed = cost.of_command(self.programs, self.command, self.given)
        return Run.over(self.count, spent, self.right(printed))

    def ports(self):
        return [target.rpartition(":")[2] for target in self.targets]

    def prepare(self):
        """The command; packages.Missing if it cannot be had."""
        raise NotImplementedError

    def right(self, printed):
        """How many endpoints `printed` says the right thing of."""
        raise NotImplementedError


class Bound(Command):
    def prepare(self):
        return [self.programs.bound, self.kind, self.folder / "targets.txt", self.root]

    def right(self, printed):
        return json.loads(printed)["reached"]


class Handshake(Bound):
    name = "bound: rustls + webpki"
    does = "a whole handshake, chain and name checked; nothing else"
    kind = "handshake"


class Certificate(Bound):
    name = "bound: raw Certificate"
    does = "a TLS 1.2 hello up to the Certificate message; proves nothing"
    kind = "certificate"


class Connect(Bound):
    name = "bound: TCP connect"
    does = "a connection opened and closed"
    kind = "connect"


class OneLook(Command):
    name = "certvigil --first-certificate"
    does = "a whole handshake, the key proven, every rule judged, JSON"
    more = ["--first-certificate"]

    def prepare(self):
        told = ["--format", "json", "--no-progress", *self.more]
        return [self.programs.certvigil, "check", "--stdin", "--trust", self.root, *told]

    def right(self, printed):
        return sum(map(_proven_ok, json.loads(printed)["endpoints"]))


class BothLooks(OneLook):
    name = "certvigil"
    does = "the same, and a second look for a certificate of the other key type"
    more = []


def _proven_ok(endpoint):
    proof = endpoint["presented"][0]["tls"]["key_proof"] if endpoint["presented"] else None
    return endpoint["verdict"] == "ok" and proof == "proven"


class Nmap(Command):
    name = "nmap ssl-cert"
    does = "shows the certificate, judges nothing"

    def prepare(self):
        program = packages.debian("nmap", "nmap")
        # `+`: also on ports that are not known for TLS.
        how = ["-n", "-Pn", "-sT", "-T5", "--script", "+ssl-cert", "-oX", "-"]
        return [program, *how, "-p", ",".join(self.ports()), "127.0.0.1"]

    def right(self, printed):
        return printed.count(b'<elem key="notAfter">')


class CheckHttp(Command):
    name = "check_http -C"
    does = "one process each; judges the end entity's notAfter alone"

    def prepare(self):
        program = packages.debian("check_http", "monitoring-plugins-basic")
        self.given = "\n".join(self.ports()).encode()
        return ["xargs", "-n", "1", program, "-I", "127.0.0.1", "-S", "-C", "14", "-p"]

    def right(self, printed):
        return printed.count(b"OK - Certificate")


class CheckSslCert(Command):
    name = "check_ssl_cert"
    does = "some dozens of processes each; judges chain, name and dates"
    most = 20

    def prepare(self):
        program = packages.debian("check_ssl_cert", "monitoring-plugins-contrib")
        self.given = "\n".join(self.ports()).encode()
        # What the bench's certificates lack by their nature.
        without = ["--ignore-sct", "--ignore-ocsp", "--ignore-maximum-validity"]
        told = ["-H", "127.0.0.1", "-r", self.root, "-w", "20", "-c", "14", *without]
        return ["xargs", "-n", "1", program, *told, "-p"]

    def right(self, printed):
        return sum(line.startswith(b"SSL_CERT OK") for line in printed.splitlines())


class OneEach(Command):
    name = "certvigil nagios"
    does = "one process each; every rule judged, a plugin's exit code and words"
    most = 500

    def prepare(self):
        self.given = "\n".join(self.ports()).encode()
        told = ["nagios", "-H", "127.0.0.1", "-r", self.root, "-w", "20", "-c", "14"]
        return ["xargs", "-n", "1", self.programs.certvigil, *told, "-p"]

    def right(self, printed):
        return sum(line.startswith(b"CERTVIGIL OK") for line in printed.splitlines())


class Openssl(Command):
    name = "openssl s_client + x509"
    does = "two processes each; judges the end entity's notAfter alone"
    most = 100

    def prepare(self):
        program = packages.debian("openssl", "openssl")
        look = f"{program} s_client -connect $target </dev/null 2>/dev/null"
        judge = f"{program} x509 -noout -checkend 1209600"
        return ["sh", "-c", f"while read -r target; do {look} | {judge}; done"]

    def right(self, printed):
        return printed.count(b"Certificate will not expire")


class Sslyze(Command):
    name = "sslyze --certinfo"
    does = "several connections each; paths for six trust stores"
    most = 500

    def prepare(self):
        program = packages.python("sslyze", "sslyze", self.programs.kept)
        self.told = self.folder / "sslyze.json"
        trust = ["--certinfo", "--certinfo_ca_file", self.root]
        told = ["--mozilla_config", "disable", "--quiet", "--json_out", self.told]
        return [program, *trust, *told, "--targets_in", "/dev/stdin"]

    def right(self, printed):
        # On standard output it mixes JSON with prose.
        return sum(map(_sslyze_trusts, json.loads(self.told.read_text())["server_scan_results"]))


def _sslyze_trusts(server):
    result = server["scan_result"]["certificate_info"]["result"]
    paths = result["certificate_deployments"][0]["path_validation_results"]
    return any(path["was_validation_successful"] for path in paths)


ALL = (
    Handshake,
    OneLook,
    BothLooks,
    OneEach,
    Certificate,
    Connect,
    Nmap,
    CheckHttp,
    CheckSslCert,
    Openssl,
    Sslyze,
)
