"""A made paper by a browser (chromium): line numbers by a script that measures the lines, as web journals set them."""

from __future__ import annotations

import html
import subprocess
import tempfile
from pathlib import Path

from .content import AXES, CAPTION, LEGEND, PANEL, Content, Part

_CSS = """
@page { size: A4; margin: 22mm 24mm }
body { font: 10.5pt/1.45 'DejaVu Serif', serif; text-align: justify }
h1, h2, h3 { text-align: left } h1 { font-size: 19pt } h2 { font-size: 14pt } h3 { font-size: 11.5pt }
.two { column-count: 2; column-gap: 34px }
.box { border: 1px solid #555; padding: 8px 12px; margin: 10px 0; font-size: 9.5pt }
.box.ground { border: 0; background: #e4ecf5 }
.box.side { float: right; width: 42%; margin-left: 14px }
.by { font-weight: bold; text-align: left }
.epigraph { margin: 0 0 14px 45%; font-style: italic; font-size: 9.5pt }
.equation { text-align: center; font-style: italic }
figure { margin: 12px 0 } figcaption { font-size: 9pt }
.panel { position: absolute; left: 0; width: 38mm; font: 8pt 'DejaVu Sans', sans-serif; text-align: left }
.with-panel { margin-left: 46mm } .with-notes { margin-right: 46mm }
.note { float: right; clear: right; width: 38mm; margin-right: -46mm; font-size: 8pt; text-align: left }
.labelled { display: grid; grid-template-columns: 34mm 1fr; gap: 6px } .labelled b { text-align: left }
.toc p { display: flex; margin: 2px 0 }
.toc i { flex: 1; overflow: hidden; white-space: nowrap; font-style: normal }
.number { position: absolute; font: 7pt 'DejaVu Sans', sans-serif; color: #777 }
"""
_NUMBERS = """
<script>
const every = EVERY, right = RIGHT, two = TWO, half = window.innerWidth / 2, marks = [];
let n = 0;
for (const block of document.querySelectorAll('h1, h2, h3, p')) {
  const range = document.createRange(), lines = new Map();
  range.selectNodeContents(block);
  for (const r of range.getClientRects()) {
    const key = (two && r.left > half ? 1 : 0) + ':' + Math.round(r.bottom / 4);
    if (r.width > 3 && !lines.has(key)) lines.set(key, r);
  }
  for (const r of lines.values()) {
    n += 1;
    if (n % every === 0) marks.push([n, r]);
  }
}
for (const [n, r] of marks) {
  const mark = document.createElement('span'), edge = two && r.left > half ? half + 17 : 0;
  mark.className = 'number';
  mark.textContent = n;
  mark.style.top = r.top + window.scrollY + r.height * 0.3 + 'px';
  mark.style.left = (right ? window.innerWidth + 8 : edge - 14) + 'px';
  document.body.appendChild(mark);
}
document.body.style.position = 'relative';
</script>"""


def page(content: Content, mode: str) -> str:
    """The paper as a web page."""
    two = "two" if mode.startswith("two") else ""
    sides = {"panel": "with-panel", "sidenotes": "with-notes"}.get(mode, "")
    body = "\n".join(_part(part, n, mode) for n, part in enumerate(content.parts))
    script = ""
    if mode in ("left", "right5", "twocolumn"):
        script = _NUMBERS.replace("EVERY", "5" if mode == "right5" else "1").replace("TWO", str(bool(two)).lower())
        script = script.replace("RIGHT", str(mode == "right5").lower())
    head = f"<h1>{html.escape(content.title)}</h1><p class='by'>A. Writer, B. Scholar</p>"
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><style>{_CSS}</style>"
        f"<body>{head}<div class='{two} {sides}'>{body}</div>{script}</body></html>"
    )


def _part(part: Part, n: int, mode: str) -> str:
    text = [html.escape(t) for t in part.text]
    match part.kind:
        case "heading":
            return f"<h{part.level + 1}>{text[0]}</h{part.level + 1}>"
        case "box":
            kind = "side" if mode == "wrapped" else "ground" if mode == "ground" else ""
            return f"<div class='box {kind}'><p><b>{text[0]}</b></p><p>{' '.join(text[1:])}</p></div>"
        case "figure":
            return _figure(n)
        case "equation":
            return "<p class='equation'>x<sub>k</sub> = a<sub>k</sub> + b<sub>k</sub> y<sub>k</sub> &nbsp; (1)</p>"
        case "contents":
            rows = "".join(f"<p>{t} <i>{'.' * 200}</i> {i + 2}</p>" for i, t in enumerate(text))
            return f"<div class='toc'><h2>Contents</h2>{rows}</div>"
        case "epigraph":
            return f"<div class='epigraph'>{text[0]}<br>\u2014 {text[1]}</div>"
        case "list":
            one, two, three, four, five, six = (html.escape(said[0]) for _, said in part.items)
            inner = f"<ul><li>{two}</li><li>{three}</li></ul>"
            return f"<ul><li>{one}{inner}</li><li>{four}<ol><li>{five}</li></ol></li><li>{six}</li></ul>"
        case "labelled":
            rows = "".join(f"<b>{html.escape(a)}</b><div>{html.escape(' '.join(said))}</div>" for a, said in part.items)
            return f"<div class='labelled'>{rows}</div>"
        case "panel":
            lines = "".join(f"<p><b>{html.escape(a)}</b> {html.escape(b)}</p>" for a, b in PANEL)
            return f"<div class='panel'>{lines}</div>"
        case "note":
            return f"<div class='note'>{text[0]}</div>"
        case _:
            return f"<p>{' '.join(text)}</p>"


def _figure(n: int) -> str:
    lines = "".join(
        f"<polyline points='60,{180 - 20 * i} 160,{140 - 26 * i} 280,{120 - 30 * i}' fill='none' stroke='#36{i}'/>"
        f"<line x1='300' x2='320' y1='{30 + 20 * i}' y2='{30 + 20 * i}' stroke='#36{i}'/>"
        f"<text x='326' y='{34 + 20 * i}'>{name}</text>"
        for i, name in enumerate(LEGEND)
    )
    ticks = "".join(f"<text x='{60 + 110 * i}' y='200'>{2010 + 4 * i}</text>" for i in range(3))
    ticks += "".join(f"<text x='34' y='{184 - 40 * i}'>{20 * i}</text>" for i in range(5))
    axes = "<path d='M56 10 V186 H290' fill='none' stroke='#000'/>"
    names = f"<text x='120' y='216'>{AXES[1]}</text><text x='10' y='8'>{AXES[0]}</text>"
    drawn = f"<svg width='560' height='222' font-size='10' font-family='DejaVu Sans'>{axes}{lines}{ticks}{names}</svg>"
    return f"<figure>{drawn}<figcaption><b>Figure {n}.</b> {CAPTION}</figcaption></figure>"


def produce(content: Content, mode: str, pdf: Path) -> None:
    """Write the PDF. Raises CalledProcessError where the browser fails."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paper.html"
        file.write_text(page(content, mode), encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={pdf}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
