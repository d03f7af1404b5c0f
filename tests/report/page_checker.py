"""What every page keeps to, whatever stands in it."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
EVIL = "<script>alert(1)</script> & \"quoted\" 'text' </style> {{ 7 * 7 }}"
HOSTILE = (EVIL, "a\x00b\x07\x1b[31m", "\u202eturned\u2066", "x" * 5000, "", "\r\n", "<td>", "]]>", "&lt;")


class Checker(HTMLParser):
    """Every element is closed in order; what would be loaded is collected."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"an attribute of {tag} stands twice"
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster") or (name == "href" and tag != "a"):
                self.loads.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def check(page: Path, most: int = 1_000_000) -> Checker:
    html = page.read_text(encoding="utf-8")
    checker = Checker()
    checker.feed(html)
    assert not checker.open
    assert all(load.startswith("data:") for load in checker.loads)
    assert not re.search(r"https?://|url\(|@import|<script|fetch\(", html)
    assert page.stat().st_size < most
    images = [attributes for tag, attributes in checker.tags if tag == "img"]
    assert all(attributes.get("alt") for attributes in images)
    pictures = [attributes for tag, attributes in checker.tags if tag == "svg"]
    assert all(attributes.get("aria-label") or attributes.get("aria-hidden") for attributes in pictures)
    headings = [attributes for tag, attributes in checker.tags if tag == "th"]
    assert all(attributes.get("scope") for attributes in headings)
    ids = [attributes["id"] for _, attributes in checker.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = [attributes["href"] or "" for tag, attributes in checker.tags if tag == "a"]
    assert {anchor[1:] for anchor in anchors if anchor.startswith("#")} <= set(ids)
    return checker


def words_on(page: Path) -> str:
    """The text of a page, a space for every element and every kind of space."""
    check(page, most=3_000_000)
    body = page.read_text(encoding="utf-8").split("</style>")[1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


def drawings(page: Path) -> list[str]:
    """What a screen reader says of each chart."""
    told = [str(attributes.get("aria-label")) for tag, attributes in check(page).tags if tag == "svg"]
    return [label.replace("\u202f", " ") for label in told]
