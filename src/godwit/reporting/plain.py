"""Text that stays text wherever it is shown: no sign of it moves a cursor, turns a line around or becomes markup."""

import re
import unicodedata

_TURNING = {"Cc", "Cs", "Zl", "Zp"}
# Marks that reorder what stands around them; other format signs (joiners of emoji and scripts) belong to the text.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_NO_SIGNS = frozenset("\ufffe\uffff")  # XML refuses them
_ODD = _BIDI | _NO_SIGNS
_KEPT = {"\n": "\n", "\t": "    "}
_BREAK = re.compile(r"\s*[\t\n\r\v\f\x85\u2028\u2029]\s*")
_MARKUP = re.compile(r"[\\`*\[\]~$|]|(?<!\w)_|_(?!\w)|^[#+=>-]|^\d+(?=[.)])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;"})


def visible(text: str) -> str:
    """The text with every control sign and every sign that reorders text written out, as Python would."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_written(sign) if sign in _ODD or unicodedata.category(sign) in _TURNING else sign for sign in text)


def one_line(text: str, most: int) -> str:
    """The text as one line of at most `most` signs, its indentation kept; what is cut off shows as an ellipsis."""
    if len(text) <= most and text.isascii() and text.isprintable():
        return text.rstrip()
    line = visible(_BREAK.sub(" ", text[: 8 * most]).rstrip())
    return line if len(line) <= most and len(text) <= 8 * most else line[: most - 2].rstrip() + " …"


def cell(text: str, most: int = 500) -> str:
    """The text as Markdown that shows it as it is, in a paragraph, a list or a cell of a table."""
    line = one_line(text, most).strip().translate(_ENTITIES)
    return _MARKUP.sub(lambda match: f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}", line)


def code(text: str, most: int = 500) -> str:
    """The text as a code span of Markdown, with a fence longer than any run of backticks in it."""
    line = one_line(text, most)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if "`" in line or not line.strip() else ""
    return f"{fence}{space}{line}{space}{fence}"


def _written(sign: str) -> str:
    return _KEPT.get(sign) or sign.encode("unicode_escape").decode()
