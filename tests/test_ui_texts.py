"""Texts: both languages complete, every key used and known, no sentence written into the code."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from ui.mapview import TEXT_KEYS
from ui.texts import TEXTS

UI = Path(__file__).parent.parent / "ui"
MODULES = [*UI.glob("*.py"), *UI.glob("views/*.py")]
CODE = [file for file in MODULES if not file.name.startswith("texts")]
CJK = re.compile("[\u3400-\u9fff]")
ALLOWED = {"中文"}
SHOWING = {
    "caption",
    "error",
    "info",
    "warning",
    "success",
    "subheader",
    "title",
    "header",
    "button",
    "metric",
    "toast",
}


def trees():
    return [(file, ast.parse(file.read_text(encoding="utf-8"))) for file in CODE]


def said(first):
    """Return the literal keys and the fixed beginnings of keys that an argument of t() can be."""
    if isinstance(first, ast.Constant):
        return {first.value}, set()
    if isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
        return set(), {first.values[0].value}
    choices = []
    if isinstance(first, ast.IfExp):
        choices = [first.body, first.orelse]
    elif isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute) and first.func.attr == "get":
        choices = first.args[1:]
    found = [said(choice) for choice in choices]
    return set().union(*(whole for whole, _ in found)), set().union(*(begun for _, begun in found))


def keys_in(tree):
    """Return the literal keys given to t() and say(), and the fixed beginnings of composed ones."""
    whole, beginnings = set(), set()
    for node in ast.walk(tree):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id
        if named in ("t", "say"):
            keys, begun = said(node.args[0])
            whole |= keys
            beginnings |= begun
        elif named == "name_of":
            groups, begun = said(node.args[0])
            beginnings |= {f"{group}." for group in groups} | begun
    return whole, beginnings


def test_both_languages_have_every_text():
    for key, text in TEXTS.items():
        assert text.zh.strip(), key
        assert text.en.strip(), key
        assert not CJK.search(text.en), key


def test_both_languages_take_the_same_values():
    fields = string.Formatter().parse
    for key, text in TEXTS.items():
        names = [{name for _, name, _, _ in fields(part) if name} for part in text]
        assert names[0] == names[1], key


def test_chinese_texts_are_chinese():
    same = {key for key, text in TEXTS.items() if text.zh == text.en}
    assert same <= {
        "format.geojson",
        "format.gpkg",
        "format.parquet",
        "format.kml",
        "format.shp",
        "limited.none",
    }


def test_every_key_in_the_code_exists():
    for file, tree in trees():
        whole, beginnings = keys_in(tree)
        assert whole <= set(TEXTS), (file.name, whole - set(TEXTS))
        for beginning in beginnings:
            assert any(key.startswith(beginning) for key in TEXTS), (file.name, beginning)


def test_every_text_is_used():
    whole, beginnings = {f"map.{key}" for key in TEXT_KEYS}, set()
    for _, tree in trees():
        keys, begun = keys_in(tree)
        whole |= keys
        beginnings |= begun
    unused = {key for key in TEXTS if key not in whole and not key.startswith(tuple(beginnings))}
    assert not unused


def test_no_chinese_is_written_into_the_code():
    for file, tree in trees():
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
            and node.body and isinstance(node.body[0], ast.Expr)
        }  # fmt: skip
        loose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docstrings | loose
            ):
                if file.name == "format.py" and CJK.search(node.value):
                    continue
                assert not CJK.search(node.value) or node.value in ALLOWED, (file.name, node.value)


@pytest.mark.parametrize("file", CODE, ids=lambda file: file.stem)
def test_no_sentence_is_shown_that_is_not_a_text(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SHOWING
            and ast.unparse(node.func.value) != "log"
        ):
            for argument in node.args[:1]:
                assert not isinstance(argument, ast.Constant), (file.name, ast.unparse(node))
