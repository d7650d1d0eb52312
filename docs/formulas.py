"""Render the formulas of docstrings, which are plain text, as MathML; browsers draw it without any script.

    python docs/formulas.py KIND/NAME      print the HTML of the formulas of a component

The notation: `a_i`, `a_(i, j)`, `a^2`, `e^(s c)` are indices and powers; names of Greek letters are letters;
`/` is a fraction of the factors next to it, where a blank multiplies; `|a|`, `||a||`, `<a, b>` are norms and
inner products, ` | ` with blanks is a condition. Two blanks after `,` or `;` separate formulas. Words remain
words, in Chinese, too. A line that consists mostly of words, or has Chinese punctuation, is a sentence, in
which only indices, powers and single letters are set as formulas.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape

from mathml import (
    BIG,
    CLOSING,
    DRAWN,
    FUNCTIONS,
    GREEK_NAMES,
    HAN,
    SIGNS,
    THIN,
    Node,
    NotAFormula,
    Token,
    bare,
    identifier,
    is_word,
    name,
    row,
    scripted,
    separates,
    sign,
    text_of,
    tokens,
)


class Parser:
    """Reads the tokens of a line from left to right."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.tokens = tokens(line)
        self.at = 0
        self.braces = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> Token:
        token = self.peek()
        if token is None:
            raise NotAFormula(f"{self.line!r} ends too early")
        self.at += 1
        return token

    def sequence(self, closing: str = "") -> str:
        """Everything up to a closing bracket, or to the end."""
        out: list[Node] = []
        start = 0  # of the factors that a fraction would have above its line
        self.braces += closing == "}"
        while (token := self.peek()) is not None:
            if token.text == closing and (closing not in ("|", "||") or not (token.before and token.after)):
                break
            if token.text == "/":
                self.take()
                above = self._above(out, start)
                out[len(out) - len(above) :] = [
                    Node(f"<mfrac>{row(bare(above))}{row(bare(self._below()))}</mfrac>", "fraction")
                ]
                start = len(out)
            elif token.text in ("|", "||") and token.before and token.after:
                self.take()
                bar = "‖" if token.text == "||" else "|"
                out.append(Node(f'<mo stretchy="false" lspace="0.3em" rspace="0.3em">{bar}</mo>', "sign"))
                start = len(out)
            elif separates(token) or (token.text in SIGNS and not self._opens(token)):
                self.take()
                out.append(sign(token, inner=bool(closing)))
                start = len(out)
            else:
                node = self.factor()
                last = out[-1].kind if out else "sign"
                if "word" in (node.kind, last) and node.kind != last:
                    start = len(out)
                elif token.before and "sign" not in (node.kind, last) and node.kind != "word":
                    node.html = THIN + node.html
                if node.kind == "word" and last == "sign":  # a sign has its own space
                    node.html = node.html.replace("&nbsp;", "", 1) if token.before else node.html
                out.append(node)
                if node.kind == "sign":
                    start = len(out)
        self.braces -= closing == "}"
        return "".join(node.html for node in out)

    def _above(self, out: list[Node], start: int) -> list[Node]:
        """What a fraction has above its line: the factors before it; a number before words, too."""
        if out and out[-1].kind == "word" and start and out[start - 1].html.startswith("<mn>"):
            start -= 1
        above = out[start:] or [node for node in out[-1:] if node.kind == "fraction"]
        if not above:
            raise NotAFormula(f"{self.line!r}: nothing above a fraction")
        return above

    def _below(self) -> list[Node]:
        """One factor; of words, all that follow, and a factor after `of`."""
        below = [self.factor()]
        while below[-1].kind == "word" and (token := self.peek()) is not None and token.kind == "word":
            below.append(self.factor())
        return below

    def _opens(self, token: Token) -> bool:
        """Whether `<` is a bracket."""
        previous = self.tokens[self.tokens.index(token) - 1].text
        return token.text == "<" and not token.after and (token.before or previous in CLOSING)

    def factor(self) -> Node:
        """An atom with its index, power and, for a function, argument."""
        token = self.take()
        if token.text in CLOSING and (token.text != "<" or self._opens(token)):
            node = self._group(token.text)
        elif token.kind == "number":
            node = Node(f"<mn>{token.text}</mn>")
        elif token.kind == "name":
            node = Node(name(token.text.strip("`")))
        elif token.kind == "word":
            node = self._word(token)
        elif token.text in ("-", "−", "□", "∇"):
            return Node(sign(token).html, "sign")
        else:
            raise NotAFormula(f"{self.line!r}: unexpected {token.text!r}")
        return self._scripts(node, token.kind == "word")

    def _group(self, opening: str) -> Node:
        inner = self.sequence(CLOSING[opening])
        closing = self.take()
        left, right = (DRAWN.get(bracket, bracket) for bracket in (opening, closing.text))
        return Node(
            f'<mrow><mo stretchy="true">{left}</mo>{inner}<mo stretchy="true">{right}</mo></mrow>',
            "group",
            inner,
        )

    def _word(self, token: Token) -> Node:
        base, _, index = token.text.partition("_")
        following = self.peek()
        if base in BIG:
            under = ""
            if index or (following and following.text == "_" and not following.before):
                under = f"<mi>{index}</mi>" if index else self._script()
            if not under:
                return text_of(token)
            return Node(f'<munder><mo movablelimits="false">{BIG[base]}</mo>{row(under)}</munder>', "sign")
        if base == "sqrt" and following and following.text == "(":
            self.take()
            return Node(f"<msqrt>{self._group('(').inner}</msqrt>")
        if base == "in" and self.braces:
            return Node("<mo>∈</mo>", "sign")
        article = (
            base == "a" and token.after and following and is_word(following.text) and following.text != "of"
        )
        mean_of = base in FUNCTIONS and following and following.text in ("of", "over")
        called = following and following.text in ("(", "[") and not token.after
        if not index and not called and (is_word(base) or article or mean_of):
            return text_of(token)
        return Node(identifier(token.text))

    def _scripts(self, node: Node, callable_: bool) -> Node:
        down = up = ""
        html = node.html
        primes = ""
        while (token := self.peek()) is not None and not token.before:
            if token.text == "'":
                self.take()
                primes += "<mo>′</mo>"
            elif token.text == "²":
                self.take()
                up = "<mn>2</mn>"
            elif token.text == "^" and not up:
                self.take()
                up = self._power()
            elif token.text == "_" and not down:
                down = self._script()
            elif token.text in ("(", "[") and callable_:
                self.take()
                html = scripted(html, down, primes + up) + self._group(token.text).html
                node, down, up, primes = Node(html), "", "", ""
            else:
                break
        if not (down or up or primes):
            return node if html == node.html else Node(html)
        return Node(scripted(html, down, primes + up))

    def _script(self) -> str:
        """What is below, after `_`."""
        self.take()
        token = self.take()
        if token.text == "(":
            return self._group("(").inner
        if token.text == "+":
            return "<mo>+</mo>"
        if token.text == "<":
            return "<mo>&lt;</mo>" + self.factor().html
        return identifier(token.text) if token.kind == "word" else f"<mn>{token.text}</mn>"

    def _power(self) -> str:
        token = self.peek()
        if token is not None and token.text == "-":
            self.take()
            return "<mo>−</mo>" + self._power()
        node = self.factor()
        return node.inner if node.kind == "group" else node.html


def formula(line: str) -> str:
    """A line of mathematics as MathML."""
    parser = Parser(line)
    body = parser.sequence()
    if parser.peek() is not None:
        raise NotAFormula(f"{line!r}: {parser.take().text!r} closes nothing")
    return body


def is_sentence(line: str, continued: bool = False) -> bool:
    """Whether a line is a sentence, or continues one, not a formula that has words."""
    if re.search("[，。；：]", line):
        return True
    if re.match(r"[^=]{0,24} (=|<-) ", line):
        return False
    found: list[str] = re.findall(r"`[^`]+`|[\w'.\-]+|[^\w\s,;:.()]+", line)
    words = [part for part in found if is_word(part.strip(".'-").lower())]
    signs = re.search(r" (=|/|\*|<-) |\^", line)
    if signs and not re.search(r"\b(is|are|stay|with)\b", line):
        return False
    return len(words) > 0.5 * len(found) or (continued and not signs)


def sentence(text: str) -> str:
    """A sentence as HTML; indices, powers and single letters in it are formulas."""
    parts = []
    letters = "[a-zA-Z]" if re.search(HAN, text) else "[b-zB-HJ-Z]"  # `a` and `I` are words in English
    for piece in re.split(r"(`[^`]+`)", text):
        if piece.startswith("`"):
            parts.append(f"<code>{escape(piece[1:-1])}</code>")
            continue
        for word in re.split(rf"(\s+|{HAN}+)", piece):
            match = re.fullmatch(
                rf"(\W*)((?:{letters}|{GREEK_NAMES}|\w{{1,2}}_\w{{1,2}}|\w+\^\w+)'?)(\W*)", word
            )
            parts.append(
                f"{escape(match[1])}<math><mrow>{formula(match[2])}</mrow></math>{escape(match[3])}"
                if match
                else escape(word)
            )
    return "".join(parts)


def html(text: str) -> str:
    """The HTML of the formula of a docstring: paragraphs of sentences, and lines of mathematics."""
    blocks: list[str] = []
    for part, is_text in parts_of(text):
        if is_text:
            blocks.append(f"<p>{sentence(part)}</p>")
        elif part:
            lines = (formula(each.rstrip(";,")) for each in re.split(r"(?<=[;,])\s{2,}", part.strip()))
            shown = "".join(f'<math displaystyle="true"><mrow>{line}</mrow></math>' for line in lines)
            blocks.append(f"<div>{shown}</div>")
    return f'<div class="formula">{"".join(blocks)}</div>'


def parts_of(text: str) -> Iterator[tuple[str, bool]]:
    """Its sentences, whose lines are joined, with True, and its other lines with False."""
    words: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        goes_on = bool(stripped) and is_sentence(stripped, bool(words))
        if words and not (goes_on and not re.match(r"\d+\. ", stripped)):
            yield joined(words), True
            words.clear()
        if goes_on:
            words.append(stripped)
        else:
            yield line, False
    if words:
        yield joined(words), True


def joined(lines: list[str]) -> str:
    """Lines of a sentence; Chinese has no blank between them."""
    return re.sub(f"(?<={HAN}) (?={HAN})", "", " ".join(lines))


def main(arguments: list[str]) -> None:
    from nlpx.core.component import builtin_registry
    from nlpx.specs.document import documentation

    for address in arguments:
        print(html(documentation(builtin_registry().find(*address.split("/")).component).formula))


if __name__ == "__main__":
    main(sys.argv[1:])
