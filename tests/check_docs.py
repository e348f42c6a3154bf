"""Checks the project's prose: links and their anchors lead somewhere, fences are closed, nothing names a machine's folders, every
page of docs/ is in the summary of the book, the tables of docs/github-action.md are those of action.yml and that of
docs/pre-commit.md has the hooks, and versions in examples are the version of the program.

Run from anywhere: python3 tests/check_docs.py. Needs nothing but Python and git. `docs/build_site.py` uses the same checks for
the pages that it generates.
"""

import pathlib
import re
import sys

import support
from support import ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# Folders of the machines that people work on have no place in what is published.
MACHINE = re.compile(r"(?:^|[\s\"'(`=])/(?:work|home|root|Users)/[A-Za-z0-9_.-]+")


def tracked(pattern):
    """Files git knows that match, plus new ones it does not ignore."""
    arguments = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern]
    return [ROOT / name for name in support.must(*arguments).splitlines() if (ROOT / name).is_file()]


def fenced_lines(text):
    """The lines of a Markdown text, each with whether it stands in a fenced block or is the fence itself."""
    fence = None
    for line in text.splitlines():
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if fence is None and mark:
            fence = mark.group(1)
            yield True, line
        else:
            yield fence is not None, line
            if fence and mark and mark.group(1).startswith(fence) and not line.strip().strip(fence[0]):
                fence = None


def anchors(path):
    """The anchors of a page, as code forges and mdBook make them of its headings."""
    found = set()
    for fenced, line in fenced_lines(path.read_text(encoding="utf-8")):
        heading = re.match(r"#{1,6} +(.*?) *#*$", line)
        if fenced or not heading:
            continue
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.group(1))
        slug = re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-")
        number, name = 0, slug
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


def check_links(path, top, known):
    """Yields what is wrong with the links of a page below the folder `top`. `known` keeps anchors of pages."""
    for number, (fenced, line) in enumerate(fenced_lines(path.read_text(encoding="utf-8")), 1):
        if fenced:
            continue
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists() or not file.is_relative_to(top):
                yield f"{number}: the link {target} leads nowhere"
            elif anchor and file.suffix == ".md":
                if file not in known:
                    known[file] = anchors(file)
                if anchor not in known[file]:
                    yield f"{number}: the link {target} leads to a page without that heading"


def check_fences(path):
    """Yields what is wrong with the fences of a page."""
    fence = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        mark = re.match(r"\s*(`{3,}|~{3,})", line)
        if mark and fence is None:
            fence = (mark.group(1), number)
        elif mark and mark.group(1).startswith(fence[0]):
            fence = None
    if fence:
        yield f"{fence[1]}: the fence {fence[0]} is not closed"


def check_summary(folder):
    """Yields pages of a book that its summary does not have, has twice, or that are not there."""
    listed = [target for target in re.findall(r"\]\(([^)]*)\)", (folder / "SUMMARY.md").read_text(encoding="utf-8")) if target]
    pages = {page.relative_to(folder).as_posix() for page in folder.rglob("*.md")} - {"SUMMARY.md"}
    for page in sorted(pages - set(listed)):
        yield f"SUMMARY.md: {page} is not in it"
    for page in sorted(set(listed) - pages):
        yield f"SUMMARY.md: {page} is in it and not there"
    for page in sorted({page for page in listed if listed.count(page) > 1}):
        yield f"SUMMARY.md: {page} is in it twice"


def check_book(source):
    """Yields what is wrong with the source of the book."""
    source, known = source.resolve(), {}
    yield from check_summary(source)
    for page in sorted(source.rglob("*.md")):
        for what in check_links(page, source, known):
            yield f"{page.relative_to(source)}:{what}"


def action_table(text, key):
    """Names below `inputs:` or `outputs:` of action.yml, each with its default as it is written, or None."""
    found, inside, name = {}, False, None
    for line in text.splitlines():
        if re.match(r"\S", line):
            inside = line == f"{key}:"
        elif inside and re.match(r"  [a-z][a-z-]*:$", line):
            name = line.strip()[:-1]
            found[name] = None
        elif inside and line.startswith("    default: "):
            found[name] = line.removeprefix("    default: ").strip('"')
    return found


def check_action(action, page):
    """Yields where the tables of the page are not what the action has."""
    text, said = action.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")
    for key in ("inputs", "outputs"):
        has = action_table(text, key)
        section = re.search(rf"^## {key.capitalize()}\n(.*?)(?=^## |\Z)", said, re.M | re.S)
        rows = re.findall(r"^\| `([a-z-]+)` \|([^|]*)\|", section.group(1), re.M) if section else []
        if [name for name, _ in rows] != list(has):
            yield f"the table of {key} is not that of action.yml: {', '.join(has)}"
        for name, cell in rows:
            default = has.get(name)
            if key == "inputs" and cell.strip(" `") != (default or ""):
                yield f"the default of {name} is `{default}` in action.yml"


def check_hooks(hooks, page):
    """Yields where the table of the page does not have the hooks."""
    has = re.findall(r"^- id: (\S+)$", hooks.read_text(encoding="utf-8"), re.M)
    rows = re.findall(r"^\| `(forebear[a-z-]*)` \|", page.read_text(encoding="utf-8"), re.M)
    if sorted(rows) != sorted(has):
        yield f"the table of hooks is not that of {hooks.name}: {', '.join(has)}"


def check_versions(files):
    """Yields versions of forebear, where a reader copies them, that are not the program's."""
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.*)"$', manifest, re.M).group(1)
    copied = r"(?:OWNER/forebear@v|rev: v|forebear==|forebear-(?=\d+\.\d+\.\d+-))(\d+\.\d+\.\d+)"
    for path in files:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for found in re.findall(copied, line):
                if found != version:
                    yield f"{path.relative_to(ROOT)}:{number}: version {found}, and the program is {version}"


def main():
    wrong, known = [], {}
    for path in tracked("*.md"):
        found = [*check_fences(path), *check_links(path, ROOT, known)]
        wrong += [f"{path.relative_to(ROOT)}:{what}" for what in found]
    wrong += [f"docs/{what}" for what in check_summary(ROOT / "docs")]
    wrong += [f"docs/github-action.md: {what}" for what in check_action(ROOT / "action.yml", ROOT / "docs" / "github-action.md")]
    wrong += [f"docs/pre-commit.md: {what}" for what in check_hooks(ROOT / ".pre-commit-hooks.yaml", ROOT / "docs" / "pre-commit.md")]
    wrong += check_versions([*tracked("docs/*.md"), *tracked("docs/examples/*"), *tracked("README.md")])
    for path in tracked("*"):
        if path.name == "Cargo.lock" or path == pathlib.Path(__file__).resolve():
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if MACHINE.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: names a folder of a machine")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
