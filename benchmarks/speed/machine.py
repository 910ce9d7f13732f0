"""What a benchmark ran on: processor, memory, system, versions; no names of hosts, users or folders.

python benchmarks/speed/machine.py [PACKAGE ...]     prints the versions of packages as JSON
"""

import json
import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    *("keras", "tensorflow", "jax", "torch", "openvino"),
    *("numpy", "scikit-learn", "pillow"),
)
PEER_PACKAGES = ("torchxrayvision", "torch", "torchvision", "scikit-image", "numpy")


def machine() -> dict[str, str]:
    gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "processor": f"{_processor()}, {platform.machine()}",
        "cores": f"{os.cpu_count()}",
        "memory": f"{gib:.0f} GiB",
        "system": f"{platform.system()} {platform.release().partition('-')[0]}, {_distribution()}",
        "python": platform.python_version(),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    known = {}
    for package in packages:
        try:
            known[package] = version(package)
        except PackageNotFoundError:
            known[package] = "not installed"
    return known


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    fields = dict(line.replace("\t", "").split(": ", 1) for line in lines if ": " in line)
    if "model name" not in fields:
        return platform.processor() or "unknown"
    # A virtual machine may give the maker alone; family and model tell the generation.
    return f"{fields['model name']} (family {fields['cpu family']}, model {fields['model']})"


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.version()


if __name__ == "__main__":
    print(json.dumps(versions(sys.argv[1:] or PACKAGES)))
