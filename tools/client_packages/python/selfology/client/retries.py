"""How calls are made again that found the service unavailable."""

import dataclasses
import random
import time
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Retries:
    """Waits between half of a limit and all of it, at random; the limit doubles with each try.

    A longer time that the server asks for is kept. No wait outlasts the call's deadline: the error is raised at once
    instead. Retries(attempts=1) makes none. `sleep`, `random` and `clock` are there for tests.
    """

    # How often a call is made in all, at least 1.
    attempts: int = 5
    # Seconds: the limit of the first wait, and of the longest.
    first: float = 0.1
    longest: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    # At least 0.0 and below 1.0.
    random: Callable[[], float] = random.random
    # Seconds that only grow.
    clock: Callable[[], float] = time.monotonic

    def wait(self, failures: int, asked: float | None) -> float:
        """Seconds to wait after so many failures, at least 1; `asked`: what the server asks for."""
        limit = min(self.longest, self.first * 2.0 ** (failures - 1))
        return max(limit * (0.5 + self.random() / 2), asked or 0.0)
