"""Builds the documentation as a site: python3 docs/build_site.py OUT [--program FILE] [--require]

OUT/src gets the source of the book: the pages of docs/, with a page for every rule, every licence whose duties are known and every
family of base models. What is generated comes from the program (`forebear rules`, `licenses`, `models`) and from the pages that the
program itself prints. OUT/book is the site, made by mdBook where it is installed; without it the source is left, and the script
says so. Links are checked in both; nothing in the site is loaded from the web.

--program  the program, instead of a debug build
--require  mdBook has to be there

Needs Python only, and cargo where no program is named.
"""

import concurrent.futures
import html.parser
import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
sys.dont_write_bytecode = True

import check_docs  # noqa: E402  (its folder is no package)
import support  # noqa: E402
from support import ROOT  # noqa: E402

DOCS = ROOT / "docs"
RULES = ROOT / "crates" / "rules" / "src" / "rules"

LINK = re.compile(r"(\]\()([^)\s]+)(\))")
SEVERITIES = ("violation", "warning", "note")


class Program:
    """Asks forebear."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *arguments):
        environment = {"NO_COLOR": "1", "COLUMNS": "100", "HOME": os.environ.get("HOME", "")}
        return support.must(self.path, *arguments, env=environment, apart=True)

    def json(self, *arguments):
        return json.loads(self(*arguments, "--format", "json"))


class Book:
    """The source of the book: pages by their place in it, and where files of the project stand in it."""

    def __init__(self, folder):
        self.folder = folder
        # What a link of the project leads to in the book.
        self.places = {}

    def add(self, place, text, origin=None):
        """Adds a page; `origin` is the file of the project that its relative links are seen from."""
        if origin:
            text = self.links(text, place, origin)
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def links(self, text, place, origin):
        """The text with its links as they are from `place`. What is no page of the book is copied beside the pages."""

        def moved(found):
            target, _, anchor = found.group(2).partition("#")
            if not target or re.match(r"[a-z]+:", target):
                return found.group(0)
            file = pathlib.Path(os.path.normpath(origin.parent / target))
            new = self.places.get(file)
            if new is None:
                if not file.is_file() or not file.is_relative_to(ROOT):
                    raise SystemExit(f"{origin.relative_to(ROOT)}: the link {found.group(2)} has no place in the book")
                inside = file.relative_to(DOCS) if file.is_relative_to(DOCS) else pathlib.Path("files") / file.relative_to(ROOT)
                new = inside.as_posix()
                self.places[file] = new
                copy = self.folder / new
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)
            relative = os.path.relpath(new, os.path.dirname(place) or ".").replace(os.sep, "/")
            return found.group(1) + relative + ("#" + anchor if anchor else "") + found.group(3)

        return "\n".join(
            line if fenced else LINK.sub(moved, line) for fenced, line in check_docs.fenced_lines(text)
        ) + "\n"


def escaped(text):
    """Text from the tables, inside Markdown: marks that it holds are only marks."""
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", " ".join(str(text).split()))


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def file_name(text):
    """A file name that every system takes."""
    return re.sub(r"[^A-Za-z0-9.+-]", "-", text)


def rules(book, program):
    """A page for each rule, with its cases; gives the lines of the summary."""
    known = []
    # The list, and after an empty line what to do with it.
    for line in program("rules").split("\n\n")[0].splitlines():
        found = re.fullmatch(r"([a-z-]+) +(violation|warning|note) +(.+)", line)
        if not found:
            raise SystemExit(f"`forebear rules` prints a line that is not read: {line}")
        rule, severity, text = found.groups()
        known.append((severity, rule, text))
    for folder in sorted(RULES.iterdir()):
        if folder.is_dir():
            rule = folder.name.replace("_", "-")
            book.places[folder / "docs.md"] = f"rules/{rule}.md"
            book.places[folder / "cases.md"] = f"rules/cases/{rule}.md"
    missing = {rule for _, rule, _ in known} ^ {folder.name.replace("_", "-") for folder in RULES.iterdir() if folder.is_dir()}
    if missing:
        raise SystemExit(f"rules without a page, or pages without a rule: {', '.join(sorted(missing))}")
    index = ["# Rules\n", "By their severity on the best evidence; weaker evidence lowers it, and what could not be told is a note.\n"]
    summary = ["- [Rules](rules/README.md)"]
    for severity in SEVERITIES:
        own = sorted((rule, text) for grade, rule, text in known if grade == severity)
        index.append(f"## {severity.capitalize()}\n")
        index.append(table(["rule", "fires when"], [[f"[`{rule}`]({rule}.md)", escaped(text)] for rule, text in own]))
        for rule, _ in own:
            folder = RULES / rule.replace("-", "_")
            page = (folder / "docs.md").read_text(encoding="utf-8")
            title, rest = page.split("\n", 1)
            more = f"{title}\n\n*Severity: {severity}. Cases, as the tests run them: [cases](cases/{rule}.md).*\n{rest}"
            # Names of other rules lead to their pages. Links of a rule's page are seen from its own folder.
            more = re.sub(r"(?<!\[)`([a-z-]+)`", lambda found: other_rule(found, rule, known), more)
            book.add(f"rules/{rule}.md", more.replace(f"(cases/{rule}.md)", "(cases.md)"), folder / "docs.md")
            cases = (folder / "cases.md").read_text(encoding="utf-8")
            cases = re.sub(r"\A# .*\n", f"# Cases of {rule}\n\nWhat [`{rule}`](docs.md) says of small repositories; a test runs them.\n", cases)
            book.add(f"rules/cases/{rule}.md", cases, folder / "cases.md")
            summary += [f"  - [{rule}](rules/{rule}.md)", f"    - [cases](rules/cases/{rule}.md)"]
    book.add("rules/README.md", "\n".join(index))
    return summary


def other_rule(found, own, known):
    """The name of a rule in a rule's page, as a link."""
    name = found.group(1)
    if name == own or name not in {rule for _, rule, _ in known}:
        return found.group(0)
    return f"[`{name}`](../{name.replace('-', '_')}/docs.md)"


def licences(book, program):
    """A page for each licence whose duties are known, and the list of all; gives the lines of the summary."""
    known = program.json("licenses")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        with_terms = [entry for entry in known if entry["terms_known"]]
        pages = list(pool.map(lambda entry: program.json("licenses", "show", entry["id"]), with_terms))
    summary = ["- [Licences](licenses/README.md)"]
    for page in pages:
        name = file_name(page["id"])
        book.add(f"licenses/{name}.md", licence(page))
        summary.append(f"  - [{page['id']}](licenses/{name}.md)")
    rows = [
        [f"[{escaped(page['id'])}]({file_name(page['id'])}.md)", escaped(page["title"] or ""), escaped(page["class"] or ""), str(len(page["duties"] or []))]
        for page in pages
    ]
    others = ", ".join(f"`{entry['id']}`" for entry in known if not entry["terms_known"])
    book.add(
        "licenses/README.md",
        "# Licences\n\nLicences whose duties forebear knows, clause by clause. Facts from the texts, with clause and source: not legal advice.\n\n"
        + table(["licence", "title", "class", "duties"], rows)
        + f"\n## Recognised by their text only\n\nTheir duties are not in the tables: what they ask is *could not tell*.\n\n{others}\n",
    )
    return summary


def clause(text):
    return text if text.startswith("§") or not text[:1].isdigit() else f"clause {text}"


def licence(page):
    text = [f"# {escaped(page['id'])}\n"]
    facts = [("title", page["title"]), ("class", page["class"]), ("its text is recognised", "yes" if page["text_recognised"] else "no")]
    facts += [("`license:` in a card", ", ".join(page["hub_names"])), ("`license_name:` in a card", ", ".join(page["other_names"]))]
    facts += [("read at", page["source"])]
    text.append(table(["what", "it is"], [[name, escaped(value)] for name, value in facts if value]))
    if page["note"]:
        text.append(f"{escaped(page['note'])}\n")
    text.append("## What it asks\n")
    if not page["duties"]:
        text.append("Nothing of those who pass it on.\n")
    for duty in page["duties"] or []:
        text.append(f"### {escaped(clause(duty['clause']))}: {escaped(duty['asks'])}\n")
        lines = [f"- `{duty['duty']}`, {escaped(duty['when'])}" + (", if upstream has it" if duty["when_present"] else "")]
        lines += [f"- {escaped(detail)}" for detail in duty["details"]]
        lines += [f"- prescribed words: “{escaped(words)}”" for words in duty["prescribed"]]
        lines += [f"- found by: “{escaped(duty['cue'])}”"] if duty["cue"] else []
        lines += [f"- {escaped(duty['note'])}"] if duty["note"] else []
        text.append("\n".join(lines) + "\n")
    if page["withholds"]:
        text.append("## What it gives and withholds\n")
        rows = [[escaped(one["what"]), escaped(one["meaning"]), escaped(one["clause"]), escaped(one["note"] or "")] for one in page["withholds"]]
        text.append(table(["what", "it says", "clause", "note"], rows))
    if page["further"]:
        text.append("## What else it says\n")
        text.append(table(["what", "clause"], [[escaped(one["what"]), escaped(one["clause"])] for one in page["further"]]))
    if page["differs"]:
        text.append("## What differs\n")
        rows = [[escaped(one["from"]), escaped(one["what"]), escaped(one["clause"] or "")] for one in page["differs"]]
        text.append(table(["from", "what", "clause"], rows))
    return "\n".join(text)


def models(book, program):
    """A page for each family of base models, and an index; gives the lines of the summary. Pages of licences are there already."""
    known = program.json("models")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pages = list(pool.map(lambda entry: program.json("models", "show", entry["id"]), known))
    families = {}
    for page in pages:
        families.setdefault((page["developer"], page["family"]), []).append(page)
    names, summary, rows = {}, ["- [Base models](models/README.md)"], []
    for developer, family in sorted(families, key=lambda key: (key[0].lower(), key[1].lower())):
        name = file_name(f"{developer} {family}").lower()
        if name in names:
            raise SystemExit(f"two families have one page: {name}")
        names[name] = family
        own = sorted(families[developer, family], key=lambda page: (page["released"] or "9999", page["id"].lower()))
        text = [f"# {escaped(family)}\n", f"Base models of {escaped(developer)}, and what the catalog knows of their licences.\n"]
        text += [model(page, lambda id: licence_link(book, id)) for page in own]
        book.add(f"models/{name}.md", "\n".join(text))
        summary.append(f"  - [{escaped(developer)}: {escaped(family)}](models/{name}.md)")
        licences_now = sorted({state["weights"] for page in own for state in page["licenses"][-1:] if state["weights"]})
        linked = ", ".join(licence_link(book, id) for id in licences_now)
        rows.append([escaped(developer), f"[{escaped(family)}]({name}.md)", str(len(own)), linked])
    book.add(
        "models/README.md",
        f"# Base models\n\nThe catalog: {len(pages)} models of {len({page['developer'] for page in pages})} developers. "
        "`forebear models show ID` prints one with every source and its configuration.\n\n"
        + table(["developer", "family", "models", "licences of the weights now"], rows),
    )
    return summary


def licence_link(book, id):
    """A licence's id, from a page of models: with a link where the licence has a page."""
    name = file_name(id)
    return f"[{escaped(id)}](../licenses/{name}.md)" if (book.folder / "licenses" / f"{name}.md").is_file() else escaped(id)


def model(page, link):
    text = [f"## {escaped(page['id'])}\n"]
    parts = []
    if page["released"]:
        parts.append(f"released {page['released']}")
    if page["total_billion"]:
        active = f", {page['active_billion']:g} billion of them active" if page["active_billion"] else ""
        parts.append(f"{page['total_billion']:g} billion parameters{active}")
    if page["ancestors"]:
        parts.append("derived from " + ", from ".join(escaped(one["id"]) for one in page["ancestors"]))
    if parts:
        words = "; ".join(parts)
        text.append(f"{words[0].upper()}{words[1:]}.\n")
    if page["note"]:
        text.append(escaped(page["note"]) + "\n")
    if page["licenses"]:
        rows = [
            [
                state["from"] or "?",
                state["until"] or "",
                link(state["weights"]) if state["weights"] else "not known",
                link(state["code"]) if state["code"] else "",
                escaped("; ".join(state["copyright"]) if isinstance(state["copyright"], list) else state["copyright"] or ""),
                escaped(state["source"] or ""),
            ]
            for state in page["licenses"]
        ]
        text.append(table(["from", "until", "weights", "code", "owners' lines", "source"], rows))
    else:
        text.append("No source gives its licence.\n")
    return "\n".join(text)


def assemble(out, program):
    """Writes the source of the book."""
    book = Book(out / "src")
    for page in sorted(DOCS.glob("*.md")):
        book.places[page] = page.name
    # What the generated lists stand for, where pages link to the folders that they come from.
    book.places[RULES] = "rules/README.md"
    book.places[ROOT / "licenses"] = "licenses/README.md"
    book.places[ROOT / "crates" / "lineage" / "catalog"] = "models/README.md"
    # Pages of the project that lie elsewhere.
    elsewhere = {
        ROOT / "README.md": "project/readme.md",
        ROOT / "CHANGELOG.md": "project/changelog.md",
        ROOT / "THIRD_PARTY_NOTICES.md": "project/third-party-notices.md",
        ROOT / "crates" / "lineage" / "catalog" / "README.md": "project/catalog.md",
        ROOT / "fixtures" / "lineage.md": "project/lineage-cases.md",
        ROOT / "fixtures" / "lineage" / "README.md": "project/lineage-measured.md",
    }
    book.places |= elsewhere
    generated = {"Rules": rules(book, program), "Licences": licences(book, program)}
    generated["Base models"] = models(book, program)
    for page in sorted(DOCS.glob("*.md")):
        if page.name != "SUMMARY.md":
            book.add(page.name, page.read_text(encoding="utf-8"), page)
    for page, place in elsewhere.items():
        book.add(place, page.read_text(encoding="utf-8"), page)
    for folder in ("schema", "examples", "images"):
        shutil.copytree(DOCS / folder, out / "src" / folder, dirs_exist_ok=True)
    lines = []
    for line in (DOCS / "SUMMARY.md").read_text(encoding="utf-8").splitlines():
        found = re.match(r"- \[([^]]+)\]\(\)$", line)
        lines += generated.pop(found.group(1)) if found else [line]
    if generated:
        raise SystemExit(f"SUMMARY.md has no place for {', '.join(generated)}")
    lines += ["", "# The project", ""]
    for page, place in elsewhere.items():
        title = page.read_text(encoding="utf-8").split("\n", 1)[0].removeprefix("# ")
        lines.append(f"- [{title if page.name != 'README.md' or page.parent != ROOT else 'Readme'}]({place})")
    book.add("SUMMARY.md", "\n".join(lines) + "\n")
    shutil.copyfile(DOCS / "book.toml", out / "book.toml")


class Loads(html.parser.HTMLParser):
    """Collects what a page makes a browser load."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        loading = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}
        address = attributes.get(loading.get(tag, ""))
        if address and re.match(r"(?:[a-z]+:)?//", address) and attributes.get("rel") != "canonical":
            self.found.append(address)


def from_the_web(book):
    """Yields what the site would load from the web."""
    for page in sorted(book.rglob("*.html")):
        loads = Loads()
        loads.feed(page.read_text(encoding="utf-8"))
        yield from (f"{page.relative_to(book)}: loads {address}" for address in loads.found)
    for style in sorted(book.rglob("*.css")):
        for address in re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)", style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(book)}: loads {address}"


def main():
    parser = support.parser(__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path)
    options = parser.parse_args()
    program = (options.program or support.program()).resolve()
    out = options.out.resolve()
    for old in ("src", "book"):
        shutil.rmtree(out / old, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    assemble(out, Program(program))
    wrong = list(check_docs.check_book(out / "src"))
    pages = len(list((out / "src").rglob("*.md"))) - 1
    print(f"{pages} pages in {options.out / 'src'}")
    mdbook = shutil.which("mdbook")
    if not wrong and mdbook:
        print(support.must(mdbook, "build", out), end="")
        wrong += from_the_web(out / "book")
    elif not mdbook:
        print("mdBook is not installed: the source of the book is there, the site is not. `cargo install mdbook` brings it.")
        wrong += ["mdBook is required"] if options.require else []
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
