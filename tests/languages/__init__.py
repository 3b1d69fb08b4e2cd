"""The catalogues of translations: what must be translated, the `.po` and `.mo` files, and how they are kept in step.

`python3 -m tests.languages` is for whoever changes a sentence or adds a language; docs/translating.md says how. The
tools for this, GNU gettext's, need installing; the little of them that is needed here does not.
"""
