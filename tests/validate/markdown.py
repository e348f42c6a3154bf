"""Markdown as GitHub and others render it: no element, link or mention that forebear did not write."""

import sys

import reports
from reports import support

PROGRAM = r"""
import html.parser, json, re, sys
import cmarkgfm
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

PAGE = re.compile(r"https://forebear\.example/docs/rules/[a-z-]+\.html")
OWN = {"h2", "h3", "h4", "p", "ul", "li", "strong", "em", "code", "details", "summary", "a", "br"}
# What is linked after rendering: mentions, references, addresses, pictures, and commands of a runner.
LINKED = [
    re.compile(r"(?<![\w`])@[A-Za-z0-9]"), re.compile(r"#[0-9]"), re.compile(r"(?i)\bgh-[0-9]"), re.compile(r"(?i)https?://|ftp://|mailto:"),
    re.compile(r"(?i)www\.[a-z]"), re.compile(r"[\w.]@[\w]"), re.compile(r":[a-z_+-]+:"), re.compile(r"##\["),
]
HEADINGS = re.compile(
    r"(. forebear: |forebear: [0-9]+ repositories$|Descends from$|What is owed$|Findings$|Weights without what was owed$|"
    r"What changed in legal files and declarations$|Waived, or known before$|Not examined$|(violation|warning|note|could not tell): [a-z-]+$)"
)

class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.wrong, self.open, self.text, self.words = [], [], "", 0
    def handle_starttag(self, tag, attributes):
        if tag not in OWN:
            self.wrong.append(f"an element <{tag}> {attributes}")
        for name, value in attributes:
            if (tag, name) != ("a", "href") or not PAGE.fullmatch(value or ""):
                self.wrong.append(f"an attribute {name}={value!r} of <{tag}>")
        if tag != "br":
            self.open.append(tag)
        if tag in ("h2", "h3", "h4"):
            self.text = ""
    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes what is not open")
        if tag in ("h2", "h3", "h4") and not HEADINGS.match(self.text):
            self.wrong.append(f"a heading {self.text[:80]!r}")
    def handle_data(self, data):
        self.text += data
        self.words += len(data.split())
        if "code" in self.open:
            if "##[" in data:
                self.wrong.append(f"a command of a runner: {data[:80]!r}")
            return
        for pattern in LINKED:
            found = pattern.search(data)
            if found:
                self.wrong.append(f"{found.group()!r} is linked: {data[max(0, found.start() - 30):found.end() + 30]!r}")
    def handle_comment(self, data):
        self.wrong.append(f"a comment {data[:80]!r}")
    def handle_decl(self, data):
        self.wrong.append(f"a declaration {data[:80]!r}")
    def handle_pi(self, data):
        self.wrong.append(f"an instruction {data[:80]!r}")

def read(rendered):
    reader = Reader()
    reader.feed(rendered)
    reader.close()
    if reader.open:
        reader.wrong.append(f"{reader.open} stay open")
    if not reader.words:
        reader.wrong.append("nothing was rendered")
    return reader.wrong

def github(text):
    # Without GitHub's filter of tags: nothing should need it.
    extensions = ["table", "autolink", "strikethrough", "tasklist"]
    return cmarkgfm.markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, extensions)

markdown_it = MarkdownIt("gfm-like", {"html": True, "linkify": True})
# By default it links every bare name with a known ending, README.md among them. GitHub and the Hub do not.
markdown_it.linkify.set({"fuzzy_link": False})

assert read(github("<script>x</script>")) and read(github("@a")) and read(markdown_it.render("[a](https://b.example)"))
said = {}
for name in sys.argv[1:]:
    text = open(name, encoding="utf-8").read()
    room = 65_536 if name.endswith(".markdown") else 1024 * 1024
    wrong = [f"{len(text.encode())} bytes"] if len(text.encode()) > room else []
    wrong += [f"a line that a runner obeys: {line[:80]}" for line in text.split("\n") if line.lstrip().startswith("::") or "##[" in line]
    for engine, render in (("cmark-gfm", github), ("markdown-it", markdown_it.render)):
        wrong += [f"{engine}: {one}" for one in read(render(text))]
    said[name] = wrong
print(json.dumps(said))
"""


def main():
    check = reports.check("markdown", __doc__)
    files = reports.written("markdown", "github-summary")
    python = support.python_with(check, "cmarkgfm", "markdown-it-py[linkify]")
    if python is None:
        return check.end()
    print(f"validators: {python.versions}, with HTML and links allowed")
    every = [path for paths in files.values() for path in paths]
    for name, wrong in python.json(PROGRAM, *every).items():
        check.says(python.versions, name.rsplit("/", 1)[-1], wrong)
    return check.end()


if __name__ == "__main__":
    sys.exit(main())
