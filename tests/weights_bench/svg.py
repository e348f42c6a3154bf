"""Writes plots as SVG: panels with axes, lines, steps, points and bars. Colours follow the reader's light or dark theme.

    figure = svg.Figure("What it shows, for people who do not see it")
    panel = figure.panel("Title", (-4, 4), (0, 0.5), "z", "density")
    panel.line(points, svg.PLAIN)
    text = figure.text()

Numbers are written with one decimal of a pixel, so that the same results give the same bytes.
"""

import math
from html import escape

WIDTH, HEIGHT = 270, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 26, 40
# Classes of what is drawn: the reference, and series in their order.
PLAIN = "plain"
SERIES = ("a", "b", "c", "d", "e")
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.frame { fill: none; stroke: #59636e; stroke-width: 1 }
.grid { stroke: #d1d9e0; stroke-width: 0.6 }
.plain { stroke: #59636e; stroke-dasharray: 4 3 }
.a { stroke: #0969da } .b { stroke: #cf222e } .c { stroke: #1a7f37 } .d { stroke: #8250df } .e { stroke: #9a6700 }
.line { fill: none; stroke-width: 1.5 }
.dot, .bar { stroke: none }
.dot.a, .bar.a { fill: #0969da } .dot.b, .bar.b { fill: #cf222e } .dot.c, .bar.c { fill: #1a7f37 }
.dot.d, .bar.d { fill: #8250df } .dot.e, .bar.e { fill: #9a6700 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.frame { stroke: #9198a1 } .grid { stroke: #3d444d } .plain { stroke: #9198a1 }
.a { stroke: #4493f8 } .b { stroke: #f85149 } .c { stroke: #3fb950 } .d { stroke: #ab7df8 } .e { stroke: #d29922 }
.dot.a, .bar.a { fill: #4493f8 } .dot.b, .bar.b { fill: #f85149 } .dot.c, .bar.c { fill: #3fb950 }
.dot.d, .bar.d { fill: #ab7df8 } .dot.e, .bar.e { fill: #d29922 }
}
"""


class Figure:
    """Panels in rows of three, and a legend below."""

    def __init__(self, words, across=3):
        self.words, self.across = words, across
        self.panels, self.names = [], []

    def panel(self, title, x, y, x_label, y_label):
        """A new panel with the ranges of its axes."""
        index = len(self.panels)
        corner = (index % self.across * WIDTH, index // self.across * HEIGHT)
        made = Panel(corner, title, x, y, x_label, y_label)
        self.panels.append(made)
        return made

    def legend(self, name, kind):
        """Says what a class of lines is."""
        if (name, kind) not in self.names:
            self.names.append((name, kind))

    def text(self):
        """The file."""
        rows = -(-len(self.panels) // self.across)
        width = WIDTH * min(self.across, len(self.panels))
        height = HEIGHT * rows + (22 if self.names else 0)
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">']
        parts += [f"<title>{escape(self.words)}</title>", f"<style>{STYLE}</style>"]
        for panel in self.panels:
            parts += panel.parts
        x, y = LEFT, HEIGHT * rows + 8
        for name, kind in self.names:
            parts.append(f'<line class="line {kind}" x1="{x}" y1="{y}" x2="{x + 18}" y2="{y}"/>')
            parts.append(f'<text x="{x + 23}" y="{y + 4}">{escape(name)}</text>')
            x += 40 + round(6.2 * len(name))
        return "\n".join([*parts, "</svg>"]) + "\n"


class Panel:
    """One plot. Points are in the units of its axes."""

    def __init__(self, corner, title, x, y, x_label, y_label):
        self.range = x, y
        self.left, self.top = corner[0] + LEFT, corner[1] + TOP
        self.width, self.height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        middle, bottom = self.left + self.width / 2, self.top + self.height
        self.parts = [f'<text class="title" x="{pixel(middle)}" y="{self.top - 9}" text-anchor="middle">{escape(title)}</text>']
        for value in ticks(*x):
            at = pixel(self.x(value))
            self.parts.append(f'<line class="grid" x1="{at}" y1="{self.top}" x2="{at}" y2="{bottom}"/>')
            self.parts.append(f'<text x="{at}" y="{bottom + 14}" text-anchor="middle">{short(value)}</text>')
        for value in ticks(*y):
            at = pixel(self.y(value))
            self.parts.append(f'<line class="grid" x1="{self.left}" y1="{at}" x2="{self.left + self.width}" y2="{at}"/>')
            self.parts.append(f'<text x="{self.left - 5}" y="{pixel(self.y(value) + 4)}" text-anchor="end">{short(value)}</text>')
        self.parts.append(f'<rect class="frame" x="{self.left}" y="{self.top}" width="{self.width}" height="{self.height}"/>')
        self.parts.append(f'<text x="{pixel(middle)}" y="{bottom + 30}" text-anchor="middle">{escape(x_label)}</text>')
        turned = f"rotate(-90 {self.left - 34} {pixel(self.top + self.height / 2)})"
        place = f'x="{self.left - 34}" y="{pixel(self.top + self.height / 2)}"'
        self.parts.append(f'<text {place} text-anchor="middle" transform="{turned}">{escape(y_label)}</text>')

    def x(self, value):
        """The pixel of a value, held inside of the frame."""
        low, high = self.range[0]
        return self.left + self.width * min(max((value - low) / (high - low), 0), 1)

    def y(self, value):
        """As `x`, upwards."""
        low, high = self.range[1]
        return self.top + self.height * (1 - min(max((value - low) / (high - low), 0), 1))

    def line(self, points, kind):
        """A line through points."""
        places = " ".join(f"{pixel(self.x(x))},{pixel(self.y(y))}" for x, y in points)
        self.parts.append(f'<polyline class="line {kind}" points="{places}"/>')

    def steps(self, edges, values, kind):
        """The outline of a histogram: one more edge than values."""
        self.line([point for a, b, value in zip(edges, edges[1:], values) for point in ((a, value), (b, value))], kind)

    def dots(self, points, kind):
        """Points."""
        for x, y in points:
            self.parts.append(f'<circle class="dot {kind}" cx="{pixel(self.x(x))}" cy="{pixel(self.y(y))}" r="1.8"/>')

    def bars(self, edges, values, kind):
        """Filled bars from the bottom of the panel."""
        for a, b, value in zip(edges, edges[1:], values):
            left, right, top = self.x(a), self.x(b), self.y(value)
            size = f'width="{pixel(right - left)}" height="{pixel(self.top + self.height - top)}"'
            self.parts.append(f'<rect class="bar {kind}" x="{pixel(left)}" y="{pixel(top)}" {size}/>')


def pixel(value):
    """A coordinate."""
    return f"{value:.1f}".removesuffix(".0")


def short(value):
    """A number at an axis."""
    return f"{value:g}".replace("-", "−")


def ticks(low, high):
    """Four to seven round values."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if (high - low) / (step * factor) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [round(index * step, 10) for index in range(first, math.floor(high / step + 1e-9) + 1)]
