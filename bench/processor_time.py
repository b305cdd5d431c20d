"""Processor time of a process and everything below it, from /proc."""

import os

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _processes():
    """pid -> (parent, processor seconds; those of children that ended and were waited for count too)"""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue  # It ended while we looked.
        found[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / TICKS_PER_SECOND)
    return found


def _below(root, processes):
    children = {}
    for pid, (parent, _) in processes.items():
        children.setdefault(parent, []).append(pid)
    pending, seen = [root], set()
    while pending:
        pid = pending.pop()
        if pid in processes and pid not in seen:
            seen.add(pid)
            pending += children.get(pid, [])
    return seen


def seconds(server_pid, database_pid):
    """Processor seconds so far: (of the server without the database, of the database with all its backends)."""
    processes = _processes()
    database = _below(database_pid, processes)
    server = _below(server_pid, processes) - database
    total = lambda pids: sum(processes[pid][1] for pid in pids)
    return total(server), total(database)
