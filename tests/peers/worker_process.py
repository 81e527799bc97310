"""A worker of the queue in a process of its own, by what it says: "ready", "begun ID ATTEMPT", "completed ID"."""

import subprocess
import threading

from people import until


class WorkerProcess:
    """Started, and ready."""

    def __init__(self, name, command):
        self.lines = []
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        until(f"{name} to start", lambda: "ready" in self.lines)

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def said(self, word):
        """The jobs of which it said so, in its order."""
        return [int(line.split()[1]) for line in list(self.lines) if line.startswith(f"{word} ")]

    def kill(self):
        self.process.kill()
        self.process.wait()
