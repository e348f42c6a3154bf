"""Stored results, the tables of docs/weights.md and its pictures.

A table stands between `<!-- bench:NAME -->` and `<!-- /bench -->`, a picture in docs/images/weights-NAME.svg. Both are made from the
stored results alone, so that a page can be checked where nothing is installed.
"""

import json
import re

import support

PAGE = support.ROOT / "docs" / "weights.md"
IMAGES = support.ROOT / "docs" / "images"
RESULTS = support.ROOT / "tests" / "weights_bench" / "results"
MARK = re.compile(r"(<!-- bench:([a-z0-9-]+) -->\n)(.*?)(<!-- /bench -->)", re.DOTALL)


def has(part):
    """Whether a part has stored results."""
    return (RESULTS / f"{part}.json").is_file()


def store(part, result):
    """Stores results."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (RESULTS / f"{part}.json").write_text(text, encoding="utf-8")


def stored(part):
    """The results of a part."""
    return json.loads((RESULTS / f"{part}.json").read_text(encoding="utf-8"))


def made(modules):
    """All tables and pictures of parts, from what is stored."""
    tables, plots = {}, {}
    for name, module in modules.items():
        result = stored(name)
        tables |= getattr(module, "tables", lambda _: {})(result)
        plots |= getattr(module, "plots", lambda _: {})(result)
    return tables, plots


def filled(text, tables):
    """The page with these tables in it; other tables stay."""

    def table(found):
        head, name, old, tail = found.groups()
        return head + (tables[name].strip() + "\n" if name in tables else old) + tail

    return MARK.sub(table, text)


def write(modules):
    """Writes the tables and pictures of parts."""
    tables, plots = made(modules)
    text = PAGE.read_text(encoding="utf-8")
    missing = set(tables) - {found[1] for found in MARK.findall(text)}
    PAGE.write_text(filled(text, tables), encoding="utf-8")
    for name, plot in plots.items():
        (IMAGES / f"weights-{name}.svg").write_text(plot, encoding="utf-8")
    for name in sorted(missing):
        print(f"docs/weights.md has no place for the table {name}")


def wrong(modules):
    """What of the page is not what the stored results say."""
    tables, plots = made(modules)
    text = PAGE.read_text(encoding="utf-8")
    places = [found[1] for found in MARK.findall(text)]
    errors = [f"no result is stored for the table {name}" for name in places if name not in tables]
    errors += [f"the page has no place for the table {name}" for name in tables if name not in places]
    errors += [f"the page has the table {name} twice" for name in set(places) if places.count(name) > 1]
    for found in MARK.findall(text):
        name, old = found[1], found[2]
        if name in tables and old.strip() != tables[name].strip():
            errors.append(f"the table {name} is not what the stored result says")
    for name, plot in plots.items():
        file = IMAGES / f"weights-{name}.svg"
        if not file.is_file() or file.read_text(encoding="utf-8") != plot:
            errors.append(f"docs/images/weights-{name}.svg is not what the stored result says")
        if f"(images/weights-{name}.svg)" not in text:
            errors.append(f"the page does not show docs/images/weights-{name}.svg")
    for file in IMAGES.glob("weights-*.svg"):
        if file.stem.removeprefix("weights-") not in plots:
            errors.append(f"no result is stored for docs/images/{file.name}")
    return errors


def table(head, rows, left=1):
    """A Markdown table; the first `left` columns are text, the others figures."""
    marks = ["---" if index < left else "--:" for index in range(len(head))]
    lines = [head, marks, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def figure(value, digits=1):
    """A figure of a table, with a true minus; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) != 0 else text.lstrip("-")


def probability(p):
    """A p-value for people."""
    if p is None:
        return "–"
    if p >= 0.001:
        return f"{p:.2g}" if p >= 0.1 else f"{p:.1g}"
    mantissa, exponent = f"{p:.0e}".split("e")
    return f"{mantissa} × 10⁻{str(abs(int(exponent))).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"
