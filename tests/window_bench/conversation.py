"""How quick the list of messages is by itself: long conversations, bursts, scrolling, large texts, finding."""

from __future__ import annotations

import functools
import gc
import sys
import time
import tkinter as tk
import tracemalloc
from datetime import datetime
from typing import Callable, Sequence

from chat_core.messages import Message
from chat_core.ui.model.conversation import Conversation
from chat_core.ui.model.finding import Finder
from chat_core.ui.view.conversation import ConversationActions, ConversationView
from chat_core.ui.view.theme import Theme
from tests.window_bench.figures import Figure
from tests.window_bench.pulse import Pulse

__all__ = ["burst", "finding", "large", "many", "memory", "message", "scrolling"]

_NOON_MS = int(datetime(2026, 3, 2, 12, 0).timestamp() * 1000)
_MANY = 100_000
_NAMES = ("Ann", "Bob", "Cid", "Dora", "Emil", "Fay")
_TEXT = "the quick brown fox jumps over the lazy dog and does not look back at what it has left behind "
_DAY_MESSAGES = 2_000
#: Rows of the plain Text that Tk's own cost is measured with: as many as the window of the conversation.
_PLAIN_ROWS = 3_000
_FRAME_MS = 16.0


class _Bench:
    """A window of 900 x 640 pixels with a conversation in it."""

    def __init__(self) -> None:
        self.root = tk.Tk()
        self.root.geometry("900x640+0+0")
        self.theme = Theme(self.root)
        ignore: Callable[[str], object] = len
        self.view = ConversationView(
            self.root, self.theme, lambda text: text, ConversationActions(ignore, ignore, ignore, ignore, ignore)
        )
        self.view.pack(fill="both", expand=True)
        self.root.update()

    def show(self, conversation: Conversation) -> None:
        self.view.draw(conversation, "Ann")
        self.settle()
        self.view.observe()

    def settle(self, seconds: float = 0.5) -> None:
        """Let everything be drawn that is to be drawn ahead."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self.root.update()
            time.sleep(0.001)


def message(seq: int, text: str = "", *, room: str = "lobby") -> Message:
    """Make one of many: some words by somebody, some thousand a day."""
    said = f"{seq}: " + (_TEXT * 2)[seq * 31 % len(_TEXT) :][: 20 + seq * 7 % 90]
    when = _NOON_MS + seq * 86_400_000 // _DAY_MESSAGES
    return Message(room, seq, when, _NAMES[seq // 3 % len(_NAMES)], f"m{seq}", text or said)


def many(count: int = _MANY) -> Conversation:
    """Make a conversation of so many messages."""
    conversation = Conversation("lobby")
    conversation.begin(1, 1)
    for seq in range(1, count + 1):
        conversation.add_message(message(seq), is_own=False)
    return conversation


def memory() -> list[Figure]:
    """Measure what a hundred thousand messages take in the model, their texts included."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    conversation = many()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    texts = sum(sys.getsizeof(line.original) for line in conversation.lines)
    return [
        Figure(f"{_MANY} messages in the model", f"{taken / 2**20:.1f} MiB", f"texts {texts / 2**20:.1f} MiB"),
        Figure("each, beside its text", f"{(taken - texts) / _MANY:.0f} bytes"),
    ]


def burst(seconds: float = 4.0, per_s: int = 12_000, poll_ms: int = 20) -> list[Figure]:
    """Measure the longest time in which the window came to no event, while it draws 12 000 messages a second."""
    bench = _Bench()
    conversation = Conversation("lobby")
    bench.show(conversation)
    waiting = [message(seq) for seq in range(1, int(seconds * per_s) + 1)]
    gc.freeze()  # a real client does not hold them all: the collector is not to go through them
    pulse = Pulse(bench.view.text)
    costs: list[float] = []
    timer = ""
    drawn = 0
    began = time.perf_counter()

    def poll() -> None:
        nonlocal drawn, timer
        started = time.perf_counter()
        due = min(len(waiting), int((started - began) * per_s))
        for each in waiting[drawn:due]:
            conversation.add_message(each, is_own=False)
        drawn = due
        conversation.trim(is_at_end=True)
        bench.view.observe()
        bench.view.draw(conversation, "Ann")
        costs.append(time.perf_counter() - started)
        timer = bench.root.after(poll_ms, poll)

    poll()
    pulse.start()
    while drawn < len(waiting):
        bench.root.tk.dooneevent(0)
    took = time.perf_counter() - began
    gc.unfreeze()
    bench.root.after_cancel(timer)
    pulse.stop()
    gaps = pulse.take_gaps()
    bench.root.destroy()
    return [
        Figure(f"{per_s} messages a second: drawn in all", f"{drawn / took:.0f} a second"),
        Figure("  longest time without input", f"{gaps[-1]:.0f} ms", "aim 100 ms"),
        Figure("  99 of 100 below", f"{gaps[len(gaps) * 99 // 100]:.0f} ms"),
        Figure("  one poll, longest", f"{max(costs) * 1000:.0f} ms", f"mean {sum(costs) / len(costs) * 1000:.1f} ms"),
    ]


def _times(act: Callable[[int], object], root: tk.Tk, count: int, pause_s: float) -> list[float]:
    """Do something often, with everything that follows from it at once, and time each."""
    times = []
    for number in range(count):
        started = time.perf_counter()
        act(number)
        root.update()
        times.append((time.perf_counter() - started) * 1000)
        time.sleep(pause_s)
    return sorted(times)


def scrolling(steps: int = 100) -> list[Figure]:
    """Measure pages and jumps through a hundred thousand messages, beside those in a plain Text of some thousand."""
    bench = _Bench()
    bench.show(many())
    text, root = bench.view.text, bench.root
    text.focus_force()
    bar = str(bench.view.bar.cget("command"))
    pages = _times(lambda _number: text.event_generate("<Prior>"), root, steps, 0.033)
    jumps = _times(lambda number: root.tk.call(bar, "moveto", number * 37 % 100 / 100), root, steps, 0.05)
    drags = _times(lambda number: root.tk.call(bar, "moveto", 0.2 + number * 0.0005), root, steps, 0.016)
    bench.view.destroy()
    plain = tk.Text(root, wrap="word", font=bench.theme.font, width=1, height=1)
    plain.pack(fill="both", expand=True)
    plain.insert("end", "".join(f"{message(seq).text}\n" for seq in range(1, _PLAIN_ROWS)))
    plain.see("end")
    bench.settle()
    own_pages = _times(lambda _number: plain.yview_scroll(-1, "pages"), root, min(steps, 60), 0.033)
    own_jumps = _times(lambda number: plain.yview_moveto(number * 37 % 100 / 100), root, steps, 0.05)
    own_drags = _times(lambda number: plain.yview_moveto(0.2 + number * 0.0005), root, steps, 0.016)
    root.destroy()
    return [
        _side_by_side("a page up in 100 000", pages, own_pages),
        _side_by_side("a jump with the thumb", jumps, own_jumps),
        _side_by_side("a step of a dragged thumb", drags, own_drags),
    ]


def _side_by_side(what: str, ours: Sequence[float], own: Sequence[float]) -> Figure:
    def said(times: Sequence[float]) -> str:
        return f"{times[len(times) // 2]:.1f} / {times[len(times) * 95 // 100]:.1f} / {times[-1]:.1f} ms"

    over = ours[len(ours) * 95 // 100] - own[len(own) * 95 // 100]
    beside = f"Tk alone {said(own)}; {over:+.1f} of {_FRAME_MS:.0f} ms"
    return Figure(f"{what} (median / 95 % / longest)", said(ours), beside)


def _draw(view: ConversationView, conversation: Conversation, _number: int) -> None:
    view.draw(conversation, "Ann")


def large() -> list[Figure]:
    """Measure texts that are too long for a Tk Text: in one word, and in ten thousand rows."""
    bench = _Bench()
    figures = []
    for what, text in (("a word of 10 000 characters", "x" * 10_000), ("a text of 10 000 rows", "row\n" * 10_000)):
        conversation = Conversation("lobby")
        bench.show(conversation)
        conversation.add_message(message(1, text), is_own=False)
        (took,) = _times(functools.partial(_draw, bench.view, conversation), bench.root, 1, 0.0)
        figures.append(Figure(what, f"{took:.1f} ms"))
    (took,) = _times(lambda _number: bench.view.unfold(0), bench.root, 1, 0.0)
    figures.append(Figure("  unfolded", f"{took:.1f} ms"))
    bench.root.destroy()
    return figures


def finding() -> list[Figure]:
    """Measure a search through a hundred thousand messages, in the steps that it is done in."""
    finder = Finder(many(), "77: ")
    steps = []
    is_done = False
    while not is_done:
        started = time.perf_counter()
        is_done = finder.step()
        steps.append((time.perf_counter() - started) * 1000)
    return [
        Figure(f"finding {finder.count} in 100 000", f"{sum(steps):.0f} ms in all", f"{len(steps)} steps"),
        Figure("  one step, longest", f"{max(steps):.1f} ms"),
    ]
