"""A clock of the tests' own, and peers that take as long as they are told to."""


class Clock:
    """Time that passes only when a trainer works."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class Steady:
    """A peer and its trainer: `seconds` for each sweep of `replicas` nets and 1 s to prepare."""

    threads = 1

    def __init__(self, clock: Clock, name: str, seconds: float, replicas: int):
        self.clock, self.name, self.seconds, self.replicas = clock, name, seconds, replicas
        self.order = []

    def missing(self, work):
        return None

    def prepare(self, work, replicas):
        self.clock.now += 1
        return self

    def sweep(self, count: int) -> None:
        self.clock.now += count * self.seconds
        self.order.append(self.clock.now)


class Absent(Steady):
    def missing(self, work):
        return "it is a test"
