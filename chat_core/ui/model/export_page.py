"""A conversation as one web page that looks like the window and can be searched: no other file, no network.

Pure, written piece by piece as in `export`. Whatever people said is escaped before it stands anywhere, and a browser
would run nothing of it all the same: the page's policy names its own style and script by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Iterable, Iterator

from chat_core.escape import escape_line
from chat_core.language import _, ngettext, spoken
from chat_core.ui.model.conversation import GROUP_MESSAGES_MAX, GROUP_MS_MAX
from chat_core.ui.model.export import Entry, line_of, utc_of, zone_of
from chat_core.ui.model.export_parts import SCRIPT, STYLE
from chat_core.ui.model.lines import Line, LineKind
from chat_core.ui.model.markup import Span, Style, spans
from chat_core.ui.model.palette import LIGHT, colour_number

__all__ = ["as_page"]


def as_page(entries: Iterable[Entry], title: str, own_name: str = "") -> Iterator[str]:
    """Write the page: one piece for each entry, one before and one after them. Calls of `own_name` are marked."""
    yield _head(escape_line(title))
    before: Line | None = None
    count = in_group = 0
    for entry in entries:
        line = line_of(entry)
        markup = ""
        is_new_day = before is None or line.day != before.day
        if is_new_day or not _continues(line, before) or in_group >= GROUP_MESSAGES_MAX:
            markup = _group_start(line, is_first=before is None, is_new_day=is_new_day)
            in_group = 0
        yield markup + _message(line, own_name)
        before = line
        count += 1
        in_group += 1
    yield _tail(count)


def _hash_of(source: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(source.encode("utf-8")).digest()).decode("ascii") + "'"


def _head(title: str) -> str:
    policy = (
        f"default-src 'none'; style-src {_hash_of(STYLE)}; script-src {_hash_of(SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # Translators: what a search found in a saved conversation.
    some = _("{count} of {total} messages")
    return f"""\
<!doctype html>
<html lang="{escape(spoken())}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1><bdi>{escape(title)}</bdi></h1>
<form role="search" hidden>
<input type="search" aria-label="{escape(_("Search"))}" placeholder="{escape(_("Search"))}" autocomplete="off">
<output data-some="{escape(some)}" data-none="{escape(_("Nothing found"))}"></output>
</form>
</header>
<main>
"""


def _tail(count: int) -> str:
    told = ngettext("{count} message", "{count} messages", count).format(count=count)
    ends = "</section>\n</section>\n" if count else ""
    return f"{ends}</main>\n<footer>{escape(told)}</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n"


def _continues(line: Line, before: Line | None) -> bool:
    """Whether this goes under the name that the one before stands under."""
    return (
        before is not None
        and line.sender == before.sender
        and line.is_own == before.is_own
        and line.kind is before.kind is LineKind.MESSAGE
        and abs(line.unix_ms - before.unix_ms) <= GROUP_MS_MAX
    )


def _group_start(line: Line, *, is_first: bool, is_new_day: bool) -> str:
    parts = [] if is_first else ["</section>\n"]
    if is_new_day:
        parts += [] if is_first else ["</section>\n"]
        parts.append(f'<section class="day">\n<h2 title="{escape(zone_of(line.unix_ms))}">{escape(line.day)}</h2>\n')
    colour = colour_number(line.sender, len(LIGHT.names))
    you = f' <span class="you">{escape(_("you"))}</span>' if line.is_own else ""
    moment = f'<time datetime="{utc_of(line.unix_ms) or ""}" title="{escape(line.moment)}">{escape(line.clock)}</time>'
    parts.append(
        f'<section class="group c{colour}{" own" if line.is_own else ""}">\n'
        f'<h3><bdi class="name">{escape(line.sender)}</bdi>{you} {moment}</h3>\n'
    )
    return "".join(parts)


def _message(line: Line, own_name: str) -> str:
    cut = spans(line.text, own_name)
    is_calling = not line.is_own and any(span.style is Style.OWN_MENTION for span in cut)
    is_action = line.kind is LineKind.ACTION
    text = "".join(_span(span, after) for span, after in zip(cut, (None, *cut)))
    if is_action:
        text = f"<bdi>{escape(line.sender)}</bdi> {text}"
    look = f"message{' action' if is_action else ''}{' calls' if is_calling else ''}"
    return f'<div class="{look}" dir="auto" title="{escape(line.moment)}">{text}</div>\n'


def _span(span: Span, after: Span | None) -> str:
    text = escape(span.text)
    if after is not None and after.style is Style.BLOCK and text.startswith("\n"):
        text = text[1:]  # a block ends its line by itself
    if span.style is Style.CODE:
        return f"<code>{text}</code>"
    if span.style is Style.BLOCK:
        return f"<pre><code>{text}</code></pre>"
    if span.style is Style.LINK:
        return f'<a href="{escape(span.target)}" target="_blank" rel="noopener noreferrer nofollow">{text}</a>'
    if span.style in (Style.MENTION, Style.OWN_MENTION):
        return f"<b>{text}</b>"
    return text
