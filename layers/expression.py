"""Conditions on attributes, as rules and filters write them: `class = 'orchard' and area_m2 >= 400`.

The language is small on purpose: comparisons (`=`, `==`, `!=`, `<>`, `<`, `<=`, `>`, `>=`), `in (...)`,
`not in (...)`, `is null`, `is not null`, `and`, `or`, `not`, parentheses, numbers, quoted strings, `true`,
`false`, and column names (any letters, so also Chinese; in backticks where a name holds other signs).
Nothing in it can call, index or assign. A comparison with an unknown value is unknown, and a row is selected
only where the condition is known to hold, as in SQL.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.expression_nodes import (
    COMPARISONS,
    Node,
    Value,
    both,
    comparison,
    membership,
    null_test,
    nullable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

_WORDS = {"and", "or", "not", "in", "is", "null", "true", "false"}
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w))
    |(?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<quoted>`[^`]+`)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><=|>=|<>|!=|==|[=<>()\[\],]))""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Expression:
    """A condition that is ready to be asked of a frame.

    Examples
    --------
    >>> import pandas as pd
    >>> parcels = pd.DataFrame({"class": ["orchard", "cultivated", None], "area_m2": [900.0, 800.0, 700.0]})
    >>> compile_expression("class = 'orchard' or area_m2 < 750")(parcels).tolist()
    [True, False, True]
    """

    text: str
    """The condition as written."""
    columns: tuple[str, ...]
    """Names of the columns it reads, in the order of their first use."""
    root: Node
    """The compiled condition; yields True, False or unknown for each row."""

    def __call__(self, frame: pd.DataFrame) -> pd.Series[bool]:
        """Say for each row whether the condition is known to hold.

        Raises
        ------
        InputError
            The frame has no such column, or a comparison does not fit the column's type; all at once.
        """
        missing = [name for name in self.columns if name not in frame.columns]
        if missing:
            known = ", ".join(str(name) for name in frame.columns if name != "geometry")
            raise InputError(
                Fault(f"condition {self.text!r}", None, name, None, f"is not a column; there are: {known}")
                for name in missing
            )
        try:
            found = self.root(frame)
        except TypeError as error:
            fault = Fault(f"condition {self.text!r}", None, None, None, f"does not fit the columns: {error}")
            raise InputError([fault]) from error
        selected: pd.Series[bool] = found.fillna(value=False).astype(bool)
        return selected


def compile_expression(text: str) -> Expression:
    """Compile a condition; nothing is evaluated as Python.

    Raises
    ------
    InputError
        The text is no condition; the message shows where.

    Examples
    --------
    >>> compile_expression("kind = 'road' and klass in ('national', 'provincial')").columns
    ('kind', 'klass')
    >>> compile_expression("kv >= ")
    Traceback (most recent call last):
    faults.InputError: condition 'kv >= ': at position 7: a number, a text in quotes or a column is missing
    """
    parser = _Parser(text)
    root = parser.parse()
    return Expression(text, tuple(dict.fromkeys(parser.columns)), root)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


class _Parser:
    """Recursive descent: or < and < not < comparison < operand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.columns: list[str] = []
        self._tokens = list(self._split())
        self._next = 0

    def parse(self) -> Node:
        if self._token.kind == "end":
            raise self._fault("the condition is empty")
        root = self._or()
        if self._token.kind != "end":
            raise self._fault(f"{self._token.text!r} is not expected here")
        return root

    def _split(self) -> Iterable[_Token]:
        position = 0
        end = len(self.text.rstrip())
        while position < end:
            match = _TOKEN.match(self.text, position)
            if match is None or match.lastgroup is None:
                start = position + len(self.text[position:]) - len(self.text[position:].lstrip())
                raise self._fault(f"{self.text[start]!r} is not understood", start)
            kind, piece = match.lastgroup, match[match.lastgroup]
            start = match.start(kind)
            if kind == "name" and piece.lower() in _WORDS:
                kind, piece = "word", piece.lower()
            yield _Token(kind, piece, start)
            position = match.end()
        yield _Token("end", "", len(self.text))

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _fault(self, rule: str, position: int | None = None) -> InputError:
        at = self._token.position if position is None else position
        return InputError(
            [Fault(f"condition {self.text!r}", None, None, None, f"at position {at + 1}: {rule}")]
        )

    def _take(self, *texts: str) -> str | None:
        token = self._token
        if token.kind in ("word", "sign") and token.text in texts:
            self._next += 1
            return token.text
        return None

    def _expect(self, *texts: str) -> None:
        if self._take(*texts) is None:
            raise self._fault(f"{' or '.join(repr(text) for text in texts)} is missing")

    def _or(self) -> Node:
        left = self._and()
        while self._take("or"):
            left = both(operator.or_, left, self._and())
        return left

    def _and(self) -> Node:
        left = self._not()
        while self._take("and"):
            left = both(operator.and_, left, self._not())
        return left

    def _not(self) -> Node:
        if self._take("not"):
            inner = self._not()
            return lambda frame: ~inner(frame)
        if self._take("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Node:
        name = self._column()
        if self._take("is"):
            negated = self._take("not") is not None
            self._expect("null")
            return null_test(name, negated=negated)
        if self._take("not"):
            self._expect("in")
            inner = membership(name, self._list())
            return lambda frame: ~inner(frame)
        if self._take("in"):
            return membership(name, self._list())
        sign = self._take(*COMPARISONS)
        if sign is None:
            raise self._fault("a comparison, 'in' or 'is null' is missing")
        return comparison(COMPARISONS[sign], name, self._operand())

    def _column(self) -> str:
        token = self._token
        if token.kind not in ("name", "quoted"):
            raise self._fault("a column name is missing")
        self._next += 1
        name = token.text.strip("`")
        self.columns.append(name)
        return name

    def _operand(self) -> Value | Node:
        if self._token.kind in ("name", "quoted"):
            name = self._column()
            return lambda frame: nullable(frame[name])
        return self._literal()

    def _literal(self) -> Value:
        token = self._token
        if token.kind == "number":
            value: Value = float(token.text)
        elif token.kind == "string":
            mark = token.text[0]
            value = token.text[1:-1].replace(mark * 2, mark)
        elif token.kind == "word" and token.text in ("true", "false"):
            value = token.text == "true"
        else:
            raise self._fault("a number, a text in quotes or a column is missing")
        self._next += 1
        return value

    def _list(self) -> list[Value]:
        self._expect("(", "[")
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        self._expect(")", "]")
        return values
