"""What kind of machine this is, in words that fit any."""

import os
import pathlib
import platform
import re


def described():
    """Such as `2 cores (AMD EPYC), Linux 6.18, Debian GNU/Linux 12`."""
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores ({_processor()}), Linux {kernel}, {_system()}"


def _processor():
    found = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def _system():
    known = platform.freedesktop_os_release()
    return f"{known['NAME']} {known.get('VERSION_ID', '')}".strip()
