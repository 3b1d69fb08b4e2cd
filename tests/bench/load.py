"""The generator: one process and one selector that hold all receivers and senders of a room.

What everybody gets is checked, delivery by delivery, in `streams`; how a server is spoken to is in `tongues`. A run
that is not complete and in order raises `Wrong`, and gives no figure.

Deliveries are those to receivers alone. Senders are connections of their own (unless everybody sends): where a server
sends them something, it is read and thrown away, since what it is differs from server to server.
"""

from __future__ import annotations

import gc
import os
import select
import selectors
import sys
import time
from array import array
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Callable, Iterator, NamedTuple

from tests.bench.links import PATIENCE_S, Link, join_all, level
from tests.bench.streams import Apart, Audience, Shared, SharedBesideReplies, Tally, Wrong

if TYPE_CHECKING:
    from tests.bench.tongues import Tongue

__all__ = ["IN_FLIGHT", "Load", "Result"]

#: Messages in flight, over all senders, counted to the slowest receiver.
IN_FLIGHT = 256
#: Messages of one sender joined in one send.
_JOINED_MAX = 64
_RECV_BYTES = 262_144
#: When nothing comes for so long after the last delivery, nothing came twice.
_AFTERWARDS_S = 0.05
#: Below this the next message is waited for awake: a selector sleeps in whole milliseconds.
_AWAKE_S = 0.002
#: Messages that may be on their way in a paced run: a server with more does not keep pace.
_BEHIND_MAX = 50_000
# As `selectors` and epoll have them: EPOLLIN is EVENT_READ. All else is seen by `unsent` or by reading.
_READ = selectors.EVENT_READ
_WRITE = select.EPOLLOUT if sys.platform == "linux" else selectors.EVENT_WRITE


class Result(NamedTuple):
    """What one run measured. `latencies_s` has an entry for each delivery of a paced run, and none otherwise."""

    messages: int
    deliveries: int
    elapsed_s: float
    generator_cpu_s: float
    latencies_s: array[float]


class Load:
    """Receivers and senders in one room of one server.

    With `everyone` there is a sender for each receiver, on the same connection where the server allows it. `join`
    first, then `saturate` or `pace`, once; `close` in any case.
    """

    def __init__(
        self, address: tuple[str, int], tongue: Tongue, receivers: int, senders: int, *, everyone: bool = False
    ) -> None:
        self._address = address
        self._tongue = tongue
        self._selector = selectors.DefaultSelector()
        self._view = memoryview(bytearray(_RECV_BYTES))
        senders = receivers if everyone else senders
        are_the_same = everyone and tongue.is_both_ways
        self._links = [Link(self._selector, n, n, n if are_the_same else None) for n in range(receivers)]
        if not are_the_same:
            self._links += [Link(self._selector, receivers + n, None, n) for n in range(senders)]
        self._talkers = [(link, link.sender) for link in self._links if link.sender is not None]
        self._templates = [tongue.template(sender) for sender in range(senders)]
        self._sent = [0] * senders
        self._clock: _Clock | None = None
        self._by_descriptor: dict[int, Link] = {}
        self._cleanup = ExitStack()
        self._wait = _waiting(self._selector, self._cleanup)
        self._audience = _audience(tongue, receivers, senders, are_the_same=are_the_same)

    def join(self) -> None:
        """Bring everybody into the room and wait until it is quiet."""
        join_all(self._selector, self._links, self._address, self._tongue)
        self._by_descriptor = {link.socket.fileno(): link for link in self._links}
        level(self._selector, self._links, self._tongue)

    def close(self) -> None:
        """Hang up."""
        for link in self._links:
            link.socket.close()
        self._cleanup.close()
        self._selector.close()

    # --- the two kinds of run ---

    def saturate(self, secs: float, in_flight: int = IN_FLIGHT) -> Result:
        """Let everybody send for so long as fast as the slowest receiver allows, and wait until all of it has come."""
        window = max(1, in_flight // len(self._sent))
        with _undisturbed():
            cpu, began = time.process_time(), time.perf_counter()
            left_s = secs
            while left_s > 0:
                has_more = self._post(window)
                self._round(0.0 if has_more else left_s)
                left_s = began + secs - time.perf_counter()
            return self._finish(began, cpu, array("d"))

    def pace(self, rate: float, secs: float, warm_s: float) -> Result:
        """Send at a fixed rate, from one sender, and measure each delivery from the moment when its message was due.

        So a server, or a generator, that stalls makes all that was due meanwhile late. What was due in the first
        `warm_s` seconds is delivered and checked but not measured.
        """
        audience = self._audience
        if len(self._sent) != 1 or not isinstance(audience, Shared):
            raise ValueError("one sender keeps the pace")
        self._clock = clock = _Clock(audience, rate, warm_s)
        [(talker, _)], [template] = self._talkers, self._templates
        total, posted = int(rate * secs), 0
        with _undisturbed():
            cpu, began = time.process_time(), time.perf_counter()
            clock.began = began
            while posted < total:
                late_s = time.perf_counter() - clock.due(posted)
                if late_s < 0:
                    self._round(0.0 if -late_s < _AWAKE_S else -late_s - _AWAKE_S / 2)
                    continue
                end = min(total, posted + 1 + int(late_s * rate))
                if talker.unsent or end - audience.passed[0] > _BEHIND_MAX:
                    raise Wrong(f"the server does not keep pace: {end - audience.passed[0]} messages on their way")
                talker.send(self._tongue.posts(template, posted, end))
                self._sent[0] = posted = end
                self._round(0.0)
            return self._finish(began, cpu, clock.latencies_s)

    def _finish(self, began: float, cpu: float, latencies_s: array[float]) -> Result:
        """Wait for what has not come yet, see that nothing else comes, and that all of it was right."""
        deadline = time.monotonic() + PATIENCE_S
        while list(self._audience.passed) != self._sent:
            self._round(1.0)
            if time.monotonic() > deadline:
                raise Wrong(f"sent {self._sent}, and {PATIENCE_S} s later had all only {list(self._audience.passed)}")
        elapsed_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        while self._round(_AFTERWARDS_S):
            pass
        deliveries = self._audience.check_end(self._sent)
        return Result(sum(self._sent), deliveries, elapsed_s, cpu_s, latencies_s)

    # --- sending and receiving ---

    def _post(self, window: int) -> bool:
        """Let every sender fill its window, but at most so much at once; return whether somebody could send more."""
        has_more = False
        sent, passed = self._sent, self._audience.passed
        for link, sender in self._talkers:
            free = window - (sent[sender] - passed[sender])
            if free > 0 and not link.unsent:
                end = sent[sender] + min(free, _JOINED_MAX)
                link.send(self._tongue.posts(self._templates[sender], sent[sender], end))
                sent[sender] = end
                has_more = has_more or free > _JOINED_MAX
        return has_more

    def _round(self, timeout_s: float) -> bool:
        """Read once from everybody who has something, and return whether anybody had."""
        ready = self._wait(timeout_s)
        links, view, hear, clock = self._by_descriptor, self._view, self._audience.hear, self._clock
        for descriptor, mask in ready:
            link = links[descriptor]
            if mask != _READ:
                if link.unsent:
                    link.flush()
                if mask == _WRITE:
                    continue
            size = link.recv_into(view)
            if not size:
                raise Wrong(f"the server closed connection {link.number}")
            if link.receiver is not None:
                hear(link.receiver, view[:size])
                if clock is not None:
                    clock.note(link.receiver)
        self._audience.look()
        return bool(ready)


class _Clock:
    """Measures deliveries of messages of which number n was due n / rate after `began`."""

    def __init__(self, audience: Shared, rate: float, warm_s: float) -> None:
        self.began = 0.0
        self.latencies_s = array("d")
        self._rate = rate
        self._first = int(rate * warm_s)
        self._offsets = audience.offsets
        self._ends = audience.tally.ends = []
        self._heard = [0] * len(audience.offsets)

    def due(self, number: int) -> float:
        """Return when a message is due."""
        return self.began + number / self._rate

    def note(self, receiver: int) -> None:
        """Take the time for all messages that a receiver has got just now."""
        now = time.perf_counter()
        ends, offset, number = self._ends, self._offsets[receiver], self._heard[receiver]
        while number < len(ends) and ends[number] <= offset:
            if number >= self._first:
                self.latencies_s.append(now - self.due(number))
            number += 1
        self._heard[receiver] = number


def _waiting(selector: selectors.BaseSelector, cleanup: ExitStack) -> Callable[[float], list[tuple[int, int]]]:
    """Return a function that waits at most so many seconds and returns descriptors and what each is ready for."""
    if sys.platform == "linux" and isinstance(selector, selectors.EpollSelector):
        # The same epoll without the bookkeeping of `selectors`, which is a tenth of all that the generator does.
        epoll = cleanup.enter_context(select.epoll.fromfd(os.dup(selector.fileno())))
        return epoll.poll
    return lambda timeout_s: [(key.fd, mask) for key, mask in selector.select(timeout_s)]


def _audience(tongue: Tongue, receivers: int, senders: int, *, are_the_same: bool) -> Audience:
    """Choose how the streams are checked; see `streams`."""
    is_without_own = are_the_same and not tongue.has_echo
    if is_without_own or (senders > 1 and not tongue.has_one_order):
        return Apart([Tally(tongue, senders) for _ in range(receivers)], is_without_own=is_without_own)
    if are_the_same and tongue.reply:
        return SharedBesideReplies(Tally(tongue, senders), receivers, tongue.reply)
    return Shared(Tally(tongue, senders), receivers)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector out: nothing here makes cycles."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
