"""What arguments and environments the processes have that a program starts, looked at again and again while it runs."""

import contextlib
import pathlib
import threading

PAUSE_SECONDS = 0.004


class Watch:
    """Looks at one process and all below it until it is told to end."""

    def __init__(self, pid):
        self.pid = pid
        # (pid, which file) -> the different contents seen, the program's own and those of what it started.
        self.seen = {}
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ended.is_set():
            self.look()
            self.ended.wait(PAUSE_SECONDS)

    def look(self):
        for pid in (self.pid, *children(self.pid)):
            with contextlib.suppress(OSError):
                before, environ, cmdline = (proc(pid, name) for name in ("cmdline", "environ", "cmdline"))
                # Between fork and exec a process is still the one that makes it, environment and all.
                if pid != self.pid and proc(self.pid, "cmdline") in (before, cmdline):
                    continue
                for name, content in (("cmdline", cmdline), ("environ", environ)):
                    if content:
                        self.seen.setdefault((pid, name), set()).add(content)

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self

    def contents(self, *, own=True, name=None):
        """Everything seen; without the watched process itself where `own` is False."""
        return [
            content
            for (pid, file), contents in self.seen.items()
            if (own or pid != self.pid) and name in (None, file)
            for content in contents
        ]


def proc(pid, name):
    return pathlib.Path(f"/proc/{pid}/{name}").read_bytes()


def children(pid):
    """The processes below one, also those that its threads started."""
    found = []
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (task / "children").read_text().split():
                    found += [int(child), *children(int(child))]
    return found
