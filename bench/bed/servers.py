"""Servers on loopback: healthy ones by nginx, and silent ones."""

import contextlib
import dataclasses
import pathlib
import selectors
import socket
import subprocess
import sys
import threading
import time

from . import packages

READY_S = 60


@dataclasses.dataclass(frozen=True)
class Endpoints:
    """What nginx serves."""

    folder: pathlib.Path
    # `127.0.0.1:PORT`; ECDSA and RSA by turns.
    targets: list
    root: pathlib.Path


@contextlib.contextmanager
def nginx(programs, folder, count):
    """`count` endpoints, each with a certificate of its own, until the block is left."""
    try:
        program = packages.debian("nginx", "nginx-light")
    except packages.Missing as missing:
        sys.exit(f"error: nothing can be measured: {missing}")
    # nginx gives up root and must still reach its own files.
    folder.chmod(0o755)
    subprocess.run([programs.fixtures, folder, str(count)], check=True)
    endpoints = Endpoints(folder, (folder / "targets.txt").read_text().split(), folder / "root.pem")
    with running([program, "-c", folder / "nginx.conf", "-e", "stderr"]) as server:
        _wait_for(endpoints.targets[-1], server)
        yield endpoints


@contextlib.contextmanager
def running(command):
    """A server of ours, ended by its own process id when the block is left."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(target, server):
    host, _, port = target.rpartition(":")
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if server.poll() is not None:
            sys.exit(f"error: the server ended by itself with {server.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
            return
        time.sleep(0.02)
    sys.exit(f"error: the server is not there after {READY_S} s")


@contextlib.contextmanager
def silent(count):
    """`count` servers that accept every connection and say nothing, as targets."""
    done = threading.Event()
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=64) for _ in range(count)]
    thread = threading.Thread(target=_accept_until, args=(done, listeners))
    thread.start()
    try:
        yield [f"127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
    finally:
        done.set()
        thread.join()


def _accept_until(done, listeners):
    with contextlib.ExitStack() as held, selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(held.enter_context(listener), selectors.EVENT_READ)
        while not done.is_set():
            for key, _ in selector.select(timeout=0.2):
                held.enter_context(key.fileobj.accept()[0])
