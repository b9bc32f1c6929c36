"""Small papers and maps, made by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from argmine.argument_map import (
    Answer,
    ArgumentMap,
    KeyPoint,
    MadeBy,
    MapKeyPoints,
    MapVoice,
    PaperRef,
    Relation,
    Scores,
    Unit,
)
from argmine.paper import Block, Paper, Reference, Section, Sentence, Source
from argmine.render.page import map_html

Spec = tuple[str, str | None, str]
"""A sentence's section, label (None: no unit) and text."""


def make(
    sentences: Sequence[Spec],
    relations: Sequence[tuple[str, str, str]] = (),
    *,
    title: str = "On Small Papers",
    roles: Mapping[str, str] | None = None,
    unit: Mapping[str, Mapping[str, Any]] | None = None,
    paper: Mapping[str, Any] | None = None,
    amap: Mapping[str, Any] | None = None,
) -> tuple[Paper, ArgumentMap]:
    """A paper of one paragraph a section and its map. Sentences are t1, t2, … and stand five to a page."""
    text, sections, blocks, kept, units = "", [], [], [], []
    for n, (head, label, said) in enumerate(sentences, 1):
        if not sections or sections[-1]["title"] != head:
            start = len(text)
            id = f"s{len(sections) + 1}"
            heading = (start, start + len(head)) if head else None
            sections.append({"id": id, "title": head, "level": 1, "start": start, "heading": heading,
                             "role": (roles or {}).get(head, "other")})  # fmt: skip
            if heading:
                blocks.append({"id": f"b{len(blocks)}", "type": "heading", "start": start, "end": heading[1]})
                text += head + "\n\n"
            blocks.append({"id": f"b{len(blocks)}", "type": "paragraph", "start": len(text), "section": id})
        start, page = len(text), (n - 1) // 5 + 1
        text += said + " "
        blocks[-1]["end"] = sections[-1]["end"] = start + len(said)
        place = {"start": start, "end": start + len(said), "section": sections[-1]["id"], "page": page}
        kept.append(Sentence(id=f"t{n}", block=blocks[-1]["id"], **place))
        if label is not None:
            fields = {"score": 0.8, "scores": {label: 0.8, "none": 0.2}} | dict((unit or {}).get(f"t{n}", {}))
            units.append(Unit(id=f"t{n}", sentence=f"t{n}", label=label, text=said, **place, **fields))
    source = Source(
        file="small.pdf", sha256="0" * 64, media_type="application/pdf", pages=1 + len(sentences) // 5, reader="t"
    )
    made = Paper(
        **{"source": source, "title": title, "authors": ("A. Author",), "year": 2024, "language": "en", "text": text,
           "sections": tuple(Section(**s) for s in sections), "blocks": tuple(Block(**b) for b in blocks),
           "sentences": tuple(kept), "references": (Reference(id="r1", raw="Author, B. (2020). A cited work."),),
           **(paper or {})}
    )  # fmt: skip
    ref = PaperRef(
        file="small.pdf", sha256="0" * 64, title=title, text_sha256=hashlib.sha256(text.encode()).hexdigest()
    )
    fields = {
        "paper": ref, "made_by": MadeBy(kind="model", name="argmine-en", version="0.1", trained_on_this_paper=False),
        "units": tuple(units), "relations": tuple(Relation.between(s, t, label, 0.6) for s, t, label in relations),
        "scores": Scores(model={"macro5": {"value": 0.46, "interval": [0.43, 0.49]}, "papers": 183}),
    }  # fmt: skip
    return made, ArgumentMap(**fields | dict(amap or {}))


def with_points(
    made: tuple[Paper, ArgumentMap],
    answers: Sequence[tuple[str, str]] = (),
    voices: Sequence[tuple[str, str, str]] = (),
    **places: Sequence[str],
) -> tuple[Paper, ArgumentMap]:
    """The same with key points on these sentences, likelier ones first, and voices from a sentence to another."""
    paper, amap = made

    def on(id: str) -> dict[str, Any]:
        s = paper.sentence(id)
        return {"sentence": id, "start": s.start, "end": s.end, "text": paper.text[s.start : s.end], "page": s.page}

    points = {
        place: tuple(
            KeyPoint(**on(id), unit=id if id in amap.units_by_id else None, score=0.9 - n / 10)
            for n, id in enumerate(ids)
        )
        for place, ids in places.items()
    }
    met = tuple(Answer(problem=problem, **on(id), score=0.5) for problem, id in answers)
    runs = tuple(
        MapVoice(start=paper.sentence(a).start, end=paper.sentence(z).end, sentences=(a, z), whose=whose, score=0.9)
        for a, z, whose in voices
    )
    return paper, amap.model_copy(update={"key_points": MapKeyPoints(**points, answers=met), "voices": runs})


@pytest.fixture(name="make")
def make_fixture() -> Callable[..., tuple[Paper, ArgumentMap]]:
    return make


SMALL: Sequence[Spec] = (
    ("Introduction", "motivation", "Towns need cheaper ways to keep their streets cool in the summer months."),
    ("Introduction", "claim", "Shade from street trees lowers the heat that walkers feel more than any other measure."),
    ("Introduction", None, "The article has four parts."),
    ("Evidence", "evidence", "In 2021 shaded streets in one invented town were four degrees cooler."),
    ("Evidence", "evidence", "Of 40 walkers 31 chose the shaded side (Author, 2020)."),
    ("Evidence", "claim", "Walkers notice shade before they notice any other change of a street."),
    ("Problems", "challenge", "Young trees often die because nobody waters them in their first years."),
    ("Problems", "challenge", "It remains unclear who would pay for the care of grown trees."),
    ("Proposals", "recommendation", "Towns should plan water for the first three years before they plant."),
    ("Proposals", "claim", "Such a plan costs less than planting the same tree twice."),
)
SMALL_RELATIONS = (
    ("t4", "t2", "supports"), ("t5", "t6", "supports"), ("t6", "t2", "supports"), ("t1", "t2", "motivates"),
    ("t9", "t7", "addresses"), ("t10", "t9", "supports"),
)  # fmt: skip


@pytest.fixture
def small() -> tuple[Paper, ArgumentMap]:
    """A paper of ten sentences with units of every label; t8 is a challenge that nothing answers."""
    return make(SMALL, SMALL_RELATIONS, unit={"t5": {"citations": ("r1",), "attribution": "reported"}})


LONG_WORD = "w" * 1_000_000
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "]]><!-- {{ 7*7 }} {% raw %}",
    "javascript:alert(1)",
    "\u202edesrever\u202c and \u2067isolated",
    "emoji \U0001f9d1\u200d\U0001f33e",
    "`code` *b* _i_",
    "[link](javascript:alert(1)) ![image](http://example.org/x.png)",
    "http://example.org www.example.org a@example.org",
    "&lt;b&gt; &copy; &#60;",
    "# heading",
    "1. list",
    "- item",
    "| a | b |",
    "$x^2$ ~~gone~~ [^1]",
    "nul\x00 and \x0b bell\x07",
    "\u2028line\u2029",
    "'\"` onmouseover=alert(1) x='",
)


@pytest.fixture(params=HOSTILE, ids=lambda s: ascii(s)[:18])
def hostile(request: pytest.FixtureRequest) -> str:
    """A string that tries to be something else than text."""
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["", "bare"])
def poisoned(hostile: str, request: pytest.FixtureRequest) -> tuple[Paper, ArgumentMap]:
    """A paper and map with the hostile string in every field that can hold it, with key points and without."""
    return poison(hostile, bare=request.param)


def poison(text: str, *, bare: bool = False) -> tuple[Paper, ArgumentMap]:
    """The same for any string; `bare` leaves the key points out."""
    field = {"note": text, "citations": ("r1",), "attribution": "reported"}
    made = make(
        [(text, "claim", f"{text} a claim."), (text, "challenge", f"{text} a challenge."),
         ("Second", "recommendation", f"{text} should be."), ("Second", "evidence", f"{text} shows."),
         ("Second", "motivation", f"{text} moves."), ("Second", None, f"{text} is no unit.")],
        [("t4", "t1", "supports"), ("t3", "t2", "addresses"), ("t5", "t3", "motivates")],
        title=text, unit={f"t{n}": field for n in range(1, 6)},
        paper={"authors": (text,), "references": (Reference(id="r1", raw=text),),
               "warnings": ({"code": "x", "page": 1, "message": text},)},
        amap={"made_by": MadeBy(kind="model", name=text, version=text)},
    )  # fmt: skip
    return made if bare else with_points(
        made, [("t2", "t3")], [("t4", "t5", text)], thesis=["t1", "t6"], recommendations=["t3"], problems=["t2"],
    )  # fmt: skip


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens HTML from disk; afterwards fails on any console error, dialog, or request but the page itself."""
    troubles: list[str] = []
    contexts = []

    def open_page(html, address="", *, width=1440, height=900, **options):
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **options))
        page = contexts[-1].new_page()
        page.on("console", lambda m: troubles.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda r: troubles.append(r.url) if r.url.split("#")[0] != file.as_uri() else None)
        page.goto(file.as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page(visit, small):
    return visit(map_html(*small))


def selected(page):
    """The ids that text, graph and list show as selected."""
    return page.evaluate(
        """() => [document.querySelector(".u.sel")?.dataset.u,
                  document.querySelector(".card.sel .open-card")?.dataset.go,
                  document.querySelector("li.sel")?.dataset.row].map((id) => id ?? null)"""
    )


def card(id):
    return f'.open-card[data-go="{id}"]'


def violations(page, axe):
    """What axe finds wrong with the page as it is, a line a rule."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:160]}, {len(v['nodes'])} times)" for v in found]
