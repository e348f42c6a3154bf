"""Draws the README's picture: what the tool itself prints, as an SVG. Run from the top of the project:

    cargo run --package forebear-testkit --example stories -- target/stories
    CLICOLOR_FORCE=1 COLUMNS=100 target/debug/forebear check target/stories/b | python3 docs/make_picture.py
"""

import html
import re
import sys

COLORS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#a5d6ff"}
LINE, COLUMN, LINES = 17, 7.83, 66


def spans(line):
    """Splits a line at its escape sequences: text with its style."""
    style = ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        codes = re.fullmatch(r"\x1b\[([0-9;]*)m", part)
        if not codes:
            if part:
                yield style, part
            continue
        style = ""
        for code in codes.group(1).split(";"):
            if code == "1":
                style += "font-weight:bold;"
            elif code == "2":
                style += "opacity:.65;"
            elif code in COLORS:
                style += f"fill:{COLORS[code]};"


def main():
    lines = sys.stdin.read().splitlines()
    if len(lines) > LINES:
        lines = lines[:LINES] + ["…"]
    width, height = 106 * COLUMN, (len(lines) + 2) * LINE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" '
        'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="13">',
        "<title>What forebear check prints for a model whose base is hidden</title>",
        f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#0d1117"/>',
    ]
    for number, line in enumerate(lines, 1):
        column = 2
        pieces = []
        for style, text in spans(line):
            attribute = f' style="{style}"' if style else ""
            pieces.append(f'<tspan x="{column * COLUMN:.1f}"{attribute}>{html.escape(text)}</tspan>')
            column += len(text)
        out.append(f'<text y="{(number + 1) * LINE}" fill="#c9d1d9" xml:space="preserve">{"".join(pieces)}</text>')
    out.append("</svg>")
    with open("docs/images/check.svg", "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
