"""A made paper by LaTeX. `mode` names how its lines are numbered or what stands beside them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from .content import AXES, CAPTION, LEGEND, PANEL, Content, Part

_SPECIAL = {c: "\\" + c for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\^{}", "\\": r"\textbackslash{}"}
_SPECIAL |= {"\u2018": "`", "\u2019": "'", "\u201c": "``", "\u201d": "''", "\u2013": "--", "\u2014": "---"}
_SPECIAL |= {'"': r"\textquotedbl{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
NUMBERED = {
    "left": r"\usepackage{lineno}\linenumbers",
    "right5": r"\usepackage[right]{lineno}\modulolinenumbers[5]\linenumbers",
    "twocolumn": r"\usepackage{lineno}\linenumbers",
    "switch": r"\usepackage[switch]{lineno}\linenumbers",
    "pagewise": r"\usepackage{lineno}\pagewiselinenumbers",
    "modulo-two": r"\usepackage[switch,modulo]{lineno}\linenumbers",
    "some": r"\usepackage{lineno}",
    "close": r"\usepackage{lineno}\linenumbers\renewcommand\linenumberfont{\normalfont\normalsize}"
    r"\setlength\linenumbersep{4pt}",
}
_TWO = ("twocolumn", "switch", "modulo-two")


def escape(text: str) -> str:
    """The text as LaTeX prints it."""
    return "".join(_SPECIAL.get(c, c) for c in text)


def source(content: Content, mode: str, engine: str) -> str:
    """The paper's LaTeX."""
    classes = r"\documentclass[10pt,twocolumn]{article}" if mode in _TWO else r"\documentclass[11pt]{article}"
    if mode == "sidenotes":
        classes = r"\documentclass{tufte-handout}"
    fonts = r"\usepackage[T1]{fontenc}\usepackage{lmodern}" if engine in ("pdflatex", "dvipdfmx") else ""
    sides = r"\usepackage[left=5.6cm,right=2cm,marginparwidth=4cm,marginparsep=.6cm]{geometry}"
    geometry = {"panel": sides + r"\reversemarginpar", "panel-box": sides, "sidenotes": ""}.get(
        mode, r"\usepackage[margin=2.8cm]{geometry}"
    )
    more = r"\usepackage{tikz,pgfplots,epigraph,enumitem,wrapfig}\pgfplotsset{compat=1.17}\setlength\epigraphwidth{7cm}"
    more += r"\usepackage[most]{tcolorbox}\usepackage{mdframed}\emergencystretch=2em"
    parts = [_part(part, n, mode) for n, part in enumerate(content.parts)]
    if mode == "some":  # the middle third
        parts.insert(len(parts) // 3, r"\linenumbers")
        parts.insert(2 * len(parts) // 3, r"\nolinenumbers")
    body = "\n\n".join(parts)
    numbers = NUMBERED.get(mode, "")
    title = rf"\title{{{escape(content.title)}}}\author{{A. Writer \and B. Scholar}}\date{{}}"
    return "\n".join(
        [classes, fonts, geometry, more, numbers, title, r"\begin{document}\maketitle", body, r"\end{document}"]
    )


def _part(part: Part, n: int, mode: str) -> str:
    text = [escape(t) for t in part.text]
    match part.kind:
        case "heading":
            return rf"\{'sub' * (part.level - 1)}section{{{text[0]}}}"
        case "box":
            return _box(text, mode)
        case "figure":
            return _figure(n)
        case "equation":
            return r"\begin{equation} x_k = a_k + \sum_{j=1}^{n} b_{kj} y_j \end{equation}"
        case "contents":
            return r"\tableofcontents"
        case "epigraph":
            return rf"\epigraph{{\itshape {text[0]}}}{{--- {text[1]}}}"
        case "list":
            one, two, three, four, five, six = (escape(said[0]) for _, said in part.items)
            inner = rf"\begin{{itemize}}\item {two}\item {three}\end{{itemize}}"
            deeper = rf"\begin{{enumerate}}\item {five}\end{{enumerate}}"
            return rf"\begin{{itemize}}\item {one}{inner}\item {four}{deeper}\item {six}\end{{itemize}}"
        case "labelled":
            items = "".join(rf"\item[{escape(a)}] {escape(' '.join(said))}" for a, said in part.items)
            return rf"\begin{{description}}[leftmargin=3.6cm,labelwidth=3.4cm,style=sameline]{items}\end{{description}}"
        case "panel":
            lines = r"\par\medskip ".join(rf"\textbf{{{escape(a)}}} {escape(b)}" for a, b in PANEL)
            return rf"\leavevmode\marginpar{{\raggedright\footnotesize\sffamily {lines}}}"
        case "note":
            note = "marginnote" if mode == "sidenotes" else "marginpar"
            return rf"\{note}{{\footnotesize {text[0]}}}"
        case _:
            return " ".join(text)


def _box(text: list[str], mode: str) -> str:
    title, *said = text
    words = " ".join(said)
    if mode == "framed":
        return rf"\begin{{mdframed}}\small\textbf{{{title}}}\par {words}\end{{mdframed}}"
    if mode == "wrapped":
        inner = rf"\fbox{{\parbox{{.42\textwidth}}{{\small\textbf{{{title}}}\par {words}}}}}"
        return rf"\begin{{wrapfigure}}{{r}}{{.47\textwidth}}{inner}\end{{wrapfigure}}"
    style = "colback=blue!5,colframe=blue!5,coltitle=black" if mode == "ground" else "colback=white"
    return rf"\begin{{tcolorbox}}[{style},title={{{title}}}] {words}\end{{tcolorbox}}"


def _figure(n: int) -> str:
    plots = "".join(
        rf"\addplot coordinates {{(2010,{10 + 3 * i}) (2014,{25 + 4 * i}) (2018,{31 + 9 * i})}};"
        rf"\addlegendentry{{{name}}}"
        for i, name in enumerate(LEGEND)
    )
    axis = rf"\begin{{axis}}[width=.8\linewidth,height=6cm,legend pos=outer north east,ylabel={{{escape(AXES[0])}}},"
    axis += rf"xlabel={{{AXES[1]}}},x tick label style={{/pgf/number format/1000 sep=}}]{plots}\end{{axis}}"
    chain = "".join(
        rf"\node[draw,text width=3cm] at ({4 * i},0) {{{name} are drawn here as a step of the work}};"
        for i, name in enumerate(LEGEND[:3])
    )
    drawn = axis if n % 2 else chain
    picture = rf"\begin{{tikzpicture}}{drawn}\end{{tikzpicture}}"
    return rf"\begin{{figure}}[ht]\centering{picture}\caption{{{CAPTION}}}\end{{figure}}"


def produce(content: Content, mode: str, pdf: Path, engine: str = "pdflatex") -> None:
    """Write the PDF. Raises CalledProcessError where LaTeX fails."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "paper.tex").write_text(source(content, mode, engine), encoding="utf-8")
        program = "latex" if engine == "dvipdfmx" else engine
        for _ in range(3 if mode in NUMBERED or any(p.kind == "contents" for p in content.parts) else 2):
            _run([program, "-interaction=nonstopmode", "paper.tex"], folder, keep_going=True)
        if engine == "dvipdfmx":
            _run(["dvipdfmx", "-q", "paper.dvi"], folder)
        shutil.copy(Path(folder) / "paper.pdf", pdf)


def _run(command: list[str], folder: str, *, keep_going: bool = False) -> None:
    # The clock is stopped, so that the same source gives the same file.
    clock = {"SOURCE_DATE_EPOCH": "1600000000", "FORCE_SOURCE_DATE": "1", "PATH": "/usr/bin:/bin", "HOME": folder}
    subprocess.run(command, cwd=folder, env=clock, check=not keep_going, capture_output=True)
