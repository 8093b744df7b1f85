"""blackbox_exporter, a server that is asked over HTTP for each endpoint."""

import concurrent.futures
import contextlib
import http.client
import socket
import threading
import time
import urllib.parse

from . import cost, packages, servers, tools

# As many probes at a time as certvigil makes.
CONCURRENCY = 64

READY_S = 10


class Blackbox:
    name = "blackbox_exporter"
    does = "prober tcp with TLS, chain and name checked; probe_success and the expiry's metric"

    def __init__(self, programs, endpoints):
        del programs
        self.targets = endpoints.targets
        self.count = len(self.targets)
        package = "prometheus-blackbox-exporter"
        self.program = packages.debian(package, package)
        self.config = endpoints.folder / "blackbox.yml"
        trust = f"tls_config: {{ca_file: {endpoints.root}}}"
        module = f"tls: {{prober: tcp, timeout: 10s, tcp: {{tls: true, {trust}}}}}"
        self.config.write_text(f"modules: {{{module}}}\n")

    def run(self):
        """A fresh exporter; what it takes before the first probe is not counted."""
        port = _free_port()
        how = [f"--config.file={self.config}", f"--web.listen-address=127.0.0.1:{port}"]
        with servers.running([self.program, *how, "--log.level=error"]) as server:
            _wait_for(port)
            before, begun = cost.cpu_of_process(server.pid), time.monotonic()
            right = _probe_all(port, self.targets)
            wall = time.monotonic() - begun
            cpu = cost.cpu_of_process(server.pid) - before
            memory = cost.peak_rss_kib_of_process(server.pid)
        return tools.Run.over(self.count, cost.Cost(cpu, wall, memory), right)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port):
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise cost.Failed(f"it does not answer after {READY_S} s")


def _probe_all(port, targets):
    """How many probes succeeded and told when the certificate ends."""
    mine = threading.local()

    def probe(target):
        if not hasattr(mine, "connection"):
            mine.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        query = urllib.parse.urlencode({"module": "tls", "target": target})
        mine.connection.request("GET", f"/probe?{query}")
        answer = mine.connection.getresponse().read()
        return b"\nprobe_success 1\n" in answer and b"\nprobe_ssl_earliest_cert_expiry " in answer

    with concurrent.futures.ThreadPoolExecutor(CONCURRENCY) as pool:
        return sum(pool.map(probe, targets))
