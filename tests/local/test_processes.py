"""Ports that parallel processes reserve."""

from __future__ import annotations

import subprocess
import sys

import pytest

from local import processes
from local.processes import StackError, free_port

RESERVE = "from local.processes import free_port; print(*[free_port() for _ in range(200)], flush=True); input()"


def test_processes_never_reserve_the_same_port():
    command = [sys.executable, "-c", RESERVE]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ports = [int(port) for worker in workers for port in worker.stdout.readline().split()]
    ports += [free_port() for _ in range(200)]
    for worker in workers:
        worker.communicate("\n")
    assert len(ports) == len(set(ports)) == 800


def test_a_range_without_a_free_port_is_an_error(monkeypatch):
    monkeypatch.setattr(processes, "_PORTS", range(free_port(), 0))
    with pytest.raises(StackError, match="No port"):
        free_port()
