"""The style and the script of a conversation saved as a web page: what is the same in every one of them.

Values only. The page is put together in `export_page`, which names both by their hashes, so that a browser runs nothing
else. The colours are the window's, light or dark as the browser is.
"""

from __future__ import annotations

from chat_core.ui.model.palette import CONTRAST, DARK, LIGHT, Palette

__all__ = ["SCRIPT", "STYLE"]

_ROLES = (
    "ground", "surface", "border", "edge", "ink", "muted", "accent", "accent_soft", "mention_soft", "found_soft",
    "found_ink", "code_ground",
)  # fmt: skip


def _variables(palette: Palette) -> str:
    roles = [f"--{role.replace('_', '-')}:{getattr(palette, role)}" for role in _ROLES]
    names = [f"--c{number}:{colour}" for number, colour in enumerate(palette.names)]
    return ";".join([*roles, *names])


_COLOURS = f"""
:root {{ color-scheme: light dark; {_variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
@media (prefers-contrast: more) {{ :root {{ color-scheme: dark; {_variables(CONTRAST)} }} }}
@media print {{ :root {{ color-scheme: light; {_variables(LIGHT)} }} header form {{ display: none }} }}
"""
_LAYOUT = """
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0; background: var(--surface); color: var(--ink);
  font: 16px/1.45 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: center;
  justify-content: space-between; padding: 12px 24px;
  background: var(--ground); border-bottom: 1px solid var(--border) }
h1 { margin: 0; font-size: 1.25em; overflow-wrap: anywhere }
form { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center }
input { width: 16em; max-width: 100%; padding: 6px 10px; font: inherit; color: var(--ink); background: var(--surface);
  border: 1px solid var(--edge); border-radius: 6px }
input:focus, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
output, time, footer, .you { color: var(--muted); font-size: .85em; font-weight: normal }
main, footer { max-width: 54em; margin: 0 auto; padding: 0 24px }
footer { padding: 32px 24px; text-align: center }
h2 { display: flex; align-items: center; gap: 16px; margin: 28px 0 8px; color: var(--muted); font-size: .85em;
  font-weight: normal }
h2::before, h2::after { content: ""; flex: 1; border-top: 1px solid var(--border) }
.group { margin: 14px 0; content-visibility: auto; contain-intrinsic-size: auto 56px }
h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; margin: 0; font-size: 1em }
.own .name, .you { color: var(--accent) }
.message { margin: 0 -8px; padding: 1px 8px; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere }
.message:hover { background: var(--ground) }
.calls, .calls:hover { background: var(--mention-soft) }
.action { font-style: italic }
a { color: var(--accent) }
code { font: .9em ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
  background: var(--code-ground); border-radius: 4px; padding: 1px 4px }
pre { margin: 4px 0; padding: 8px 12px; overflow-x: auto; background: var(--code-ground); border-radius: 6px }
pre code { padding: 0; background: none }
mark { background: var(--found-soft); color: inherit; border-radius: 2px }
"""
_NAMES = "".join(f".c{number} .name {{ color: var(--c{number}) }}\n" for number in range(len(LIGHT.names)))

STYLE = _COLOURS + _NAMES + _LAYOUT

#: Shows the messages that hold what is typed, or whose author's name does, and marks it in them. A few hundred at a
#: time, so that typing goes on meanwhile. It writes texts and marks only, and reads no markup from the messages.
SCRIPT = r"""
"use strict";
(() => {
  const AT_ONCE = 400, MARKED_MAX = 5000;
  const form = document.querySelector("form"), field = form.querySelector("input");
  const told = form.querySelector("output");
  const groups = Array.from(document.querySelectorAll(".group"), (group) => ({
    element: group, day: group.parentElement, name: group.querySelector(".name").textContent,
    messages: Array.from(group.querySelectorAll(".message")),
  }));
  const total = groups.reduce((sum, group) => sum + group.messages.length, 0);
  const marked = new Set();
  let turn = 0;

  const tell = (count) => {
    const words = count === 0 ? told.dataset.none : told.dataset.some;
    told.textContent = count === null ? "" : words.replace("{count}", count).replace("{total}", total);
  };

  const unmark = (message) => {
    for (const mark of message.querySelectorAll("mark")) mark.replaceWith(mark.textContent);
    message.normalize();
    marked.delete(message);
  };

  const mark = (message, pattern) => {
    const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    pattern.lastIndex = 0;  // matchAll begins there
    for (const text of texts) {
      const found = Array.from(text.data.matchAll(pattern)).reverse();
      for (const match of found) {
        const hit = text.splitText(match.index);
        hit.splitText(match[0].length);
        const element = document.createElement("mark");
        hit.replaceWith(element);
        element.append(hit);
      }
    }
    marked.add(message);
  };

  const look = (group, pattern) => {
    pattern.lastIndex = 0;
    const byName = pattern.test(group.name);
    let count = 0;
    for (const message of group.messages) {
      pattern.lastIndex = 0;
      const isHit = pattern.test(message.textContent);
      message.hidden = !isHit && !byName;
      count += !message.hidden;
      if (isHit && marked.size < MARKED_MAX) mark(message, pattern);
    }
    group.element.hidden = count === 0;
    if (count) group.day.hidden = false;
    return count;
  };

  const search = () => {
    const mine = ++turn, typed = field.value.trim();
    for (const message of Array.from(marked)) unmark(message);
    if (!typed) {
      for (const element of document.querySelectorAll("main [hidden]")) element.hidden = false;
      tell(null);
      return;
    }
    const pattern = new RegExp(typed.replace(/[\\^$.*+?()[\]{}|\/]/g, "\\$&"), "giu");
    for (const group of groups) group.day.hidden = true;
    let next = 0, count = 0;
    const step = () => {
      if (mine !== turn) return;
      const end = Math.min(groups.length, next + AT_ONCE);
      for (; next < end; next++) count += look(groups[next], pattern);
      tell(count);
      if (next < groups.length) setTimeout(step);
    };
    step();
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", search);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; search(); }
  });
})();
"""
