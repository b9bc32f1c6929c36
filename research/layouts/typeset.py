"""A made paper by Typst, which numbers lines itself."""

from __future__ import annotations

import datetime
import tempfile
from pathlib import Path

from .content import AXES, CAPTION, LEGEND, PANEL, Content, Part

_NUMBERED = {"left": "1", "twocolumn": "1", "close": "1"}


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source(content: Content, mode: str) -> str:
    """The paper in Typst's language."""
    margin = {"panel": "(left: 6cm, right: 2cm, y: 2.4cm)", "sidenotes": "(left: 2cm, right: 6cm, y: 2.4cm)"}
    columns = ", columns: 2" if mode.startswith("two") else ""
    lines = [f"#set page(paper: 'a4', margin: {margin.get(mode, '2.6cm')}{columns})".replace("'", '"')]
    lines += ['#set text(size: 10pt, lang: "en")', "#set par(justify: true)"]
    if mode in _NUMBERED:
        lines.append('#set par.line(numbering: "1")')
    if mode == "every5":
        lines.append("#set par.line(numbering: n => if calc.rem(n, 5) == 0 [#n])")
    if mode == "pagewise":
        lines.append('#set par.line(numbering: "1", numbering-scope: "page")')
    title = f'#text(size: 18pt, weight: "bold", {_string(content.title)})'
    head = f"{title}\n\n#text({_string('A. Writer, B. Scholar')})"
    if columns:
        head = f'#place(top + center, scope: "parent", float: true)[{head}]'
    return "\n\n".join([*lines, head, *(_part(part, mode) for part in content.parts)])


def _part(part: Part, mode: str) -> str:
    text = [f"#text({_string(t)})" for t in part.text]
    match part.kind:
        case "heading":
            return f"#heading(level: {part.level})[{text[0]}]"
        case "box":
            ground = 'fill: rgb("e8eef7")' if mode == "ground" else "stroke: .6pt"
            body = f"#strong[{text[0]}]\n\n{' '.join(text[1:])}"
            return f"#block(width: 100%, inset: 8pt, {ground})[#set text(size: 9pt)\n{body}]"
        case "figure":
            return _figure()
        case "equation":
            return '#math.equation(block: true, numbering: "(1)", $x_k = a_k + sum_(j=1)^n b_(k j) y_j$)'
        case "contents":
            return "#outline()"
        case "epigraph":
            return f"#align(right, block(width: 7cm)[#set align(left)\n#emph[{text[0]}]\n\n--- {text[1]}])"
        case "list":
            one, two, three, four, five, six = (f"#text({_string(said[0])})" for _, said in part.items)
            return f"- {one}\n  - {two}\n  - {three}\n- {four}\n  + {five}\n- {six}"
        case "labelled":
            cells = "".join(f"[#strong({_string(a)})], [#text({_string(' '.join(said))})]," for a, said in part.items)
            return f"#grid(columns: (3.4cm, 1fr), row-gutter: 8pt, {cells})"
        case "panel":
            rows = "\n\n".join(f"#strong({_string(a)}) #text({_string(b)})" for a, b in PANEL)
            body = f'#set text(size: 8pt, font: "DejaVu Sans Mono")\n#set par(justify: false)\n{rows}'
            return f"#place(left, dx: -4.4cm, block(width: 3.8cm)[{body}])"
        case "note":
            body = f"#set text(size: 8pt)\n#set par(justify: false)\n{text[0]}"
            return f"#place(right, dx: 4.4cm, block(width: 3.8cm)[{body}])"
        case _:
            return " ".join(text)


def _figure() -> str:
    marks = "".join(
        f"#place(dx: {30 + 60 * i}pt, dy: {90 - 18 * i}pt, line(length: 60pt, angle: {-20 - 8 * i}deg))"
        f"#place(dx: 250pt, dy: {10 + 14 * i}pt, line(length: 14pt))"
        f"#place(dx: 270pt, dy: {6 + 14 * i}pt, text(size: 8pt)[{name}])"
        for i, name in enumerate(LEGEND)
    )
    axes = "#place(dx: 24pt, dy: 10pt, line(end: (0pt, 110pt)))#place(dx: 24pt, dy: 120pt, line(length: 210pt))"
    names = f"#place(dx: 90pt, dy: 134pt, text(size: 8pt)[{AXES[1]}])#place(dx: 0pt, text(size: 8pt)[{AXES[0]}])"
    drawn = f"#block(width: 400pt, height: 150pt)[#set align(left + top)\n{axes}{marks}{names}]"
    return f"#figure([{drawn}], caption: {_string(CAPTION)})"


def produce(content: Content, mode: str, pdf: Path) -> None:
    """Write the PDF; its date is fixed, so that the same source gives the same file."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paper.typ"
        file.write_text(source(content, mode), encoding="utf-8")
        when = int(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC).timestamp())
        typst.compile(str(file), output=str(pdf), timestamp=when)
