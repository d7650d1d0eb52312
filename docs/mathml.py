"""The pieces of a formula as MathML: tokens, letters, names, signs; docs/formulas.py combines them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ", "lambda": "λ",
    "mu": "μ", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "psi": "ψ",
}  # fmt: skip
GREEK_NAMES = "|".join(GREEK)
FUNCTIONS = {
    "log", "exp", "sqrt", "max", "min", "argmax", "softmax", "sigmoid", "tanh", "cos", "sin", "relu", "norm",
    "tr", "sort", "clip", "rms", "mean",
}  # fmt: skip
BIG = {"sum": "∑", "prod": "∏"}
SIGNS = {
    "!=": "≠", "<=": "≤", ">=": "≥", "->": "→", "<-": "←", "*": "·", "~": "∼", "-": "−", "...": "…", "−": "−",
    "=": "=", "+": "+", "<": "<", ">": ">", "·": "·", ".": "·", "∇": "∇",
}  # fmt: skip
SPACES = {",": "0.4em", ";": "1.5em", ":": "0.4em", ".": "0.4em"}
THIN = '<mspace width="0.2em"></mspace>'
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">", "|": "|", "||": "||"}
DRAWN = {"<": "⟨", ">": "⟩", "||": "‖"}

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<name>`[^`]+`)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[^\W\d_](?:[^\W²]*[^\W_²])?(?:(?<=_[A-Za-z])[+-]\d)?)"
    r"|(?P<sign>\.\.\.|!=|<=|>=|->|<-|\|\||[-+*/=~^_'|<>()\[\]{},;:.·−□∇²])"
)
HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"
"""Chinese characters and punctuation."""
_WORD = re.compile(rf"[a-z]{{2,}}|[A-Z][a-z]+|{HAN}+")


class NotAFormula(ValueError):
    """A text that the notation does not have; the message shows the place."""


@dataclass(frozen=True)
class Token:
    """A piece of a formula: its kind and text, and whether a blank, or nothing, is on either side."""

    kind: str
    text: str
    before: bool
    after: bool


@dataclass
class Node:
    """A rendered part.

    Attributes:
        html: MathML.
        kind: factor, fraction, word (of a sentence), group (in brackets) or sign, which ends a product.
        inner: of a group, what is in the brackets.
    """

    html: str
    kind: str = "factor"
    inner: str = ""


def tokens(text: str) -> list[Token]:
    """The tokens of a line."""
    found: list[Token] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotAFormula(f"{text!r}: unknown character {text[place]!r}")
        kind, end = match.lastgroup or "", match.end()
        if kind != "space":
            before = place == 0 or text[place - 1].isspace()
            after = end == len(text) or text[end].isspace()
            found.append(Token(kind, match[0], before, after))
        place = end
    return found


def is_word(text: str) -> bool:
    """Whether this is a word of a sentence, not a letter, a function or an abbreviation."""
    return bool(_WORD.fullmatch(text)) and text not in FUNCTIONS and text not in GREEK


def identifier(text: str) -> str:
    """A variable: `beta_1`, `c_ip`, `y_t-1`; a name with a longer first part is kept whole: `free_bits`."""
    text, step, number = re.split("([+-])", text) if re.search("[+-]", text) else (text, "", "")
    base, _, index = text.partition("_")
    letter = base in GREEK or len(base) == 1 or base.isupper()
    if not index:
        return f"<mi>{GREEK.get(base, base)}</mi>" if letter or base in FUNCTIONS else name(base)
    if "_" in index or re.fullmatch(r"[a-z]\d", index) or not (letter or len(index) < 3):
        return name(text)
    if index.isdigit():
        below = f"<mn>{index}</mn>"
    elif len(index) < 3:
        below = "".join(f"<mi>{one}</mi>" for one in index)
    else:
        below = f"<mtext>{index}</mtext>"
    if step:
        below += f"<mo>{SIGNS[step]}</mo><mn>{number}</mn>"
    return f"<msub>{identifier(base)}{row(below)}</msub>"


def text_of(token: Token) -> Node:
    """A word with the blanks around it."""
    return Node(f"<mtext>{'&nbsp;' * token.before}{token.text}{'&nbsp;' * token.after}</mtext>", "word")


def name(text: str) -> str:
    """A name of several letters, upright."""
    return f'<mi mathvariant="normal">{escape(text)}</mi>'


def separates(token: Token) -> bool:
    """Whether a sign divides a line as in a sentence; a dot with blanks is a product."""
    return token.text in SPACES and (token.text != "." or not token.before)


def sign(token: Token, inner: bool = False) -> Node:
    """An operator, a relation or a mark, which may be in brackets."""
    text = SIGNS.get(token.text, token.text)
    if separates(token):
        space = ("0.4em" if inner else SPACES[token.text]) if token.after else "0"
        return Node(f'<mo lspace="0" rspace="{space}">{token.text}</mo>', "sign")
    form = ' form="prefix"' if token.text in ("-", "−") and not token.after else ""
    return Node(f"<mo{form}>{escape(text)}</mo>", "sign")


def scripted(html: str, down: str, up: str) -> str:
    """A part with an index, a power, both or neither."""
    if down and up:
        return f"<msubsup>{row(html)}{row(down)}{row(up)}</msubsup>"
    if down or up:
        tag = "msub" if down else "msup"
        return f"<{tag}>{row(html)}{row(down or up)}</{tag}>"
    return html


def row(html: str) -> str:
    """Several parts as one."""
    return f"<mrow>{html}</mrow>"


def bare(nodes: list[Node]) -> str:
    """Factors above or below a line, which replaces brackets around them."""
    only = nodes[0]
    if len(nodes) == 1 and only.kind == "group" and only.html.startswith('<mrow><mo stretchy="true">('):
        return only.inner
    return "".join(node.html for node in nodes)
