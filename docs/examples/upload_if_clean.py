"""Uploads a model folder to the Hub only if forebear finds no violation in it.

    python3 upload_if_clean.py organisation/name path/to/model [--discussion]

--discussion  where there are violations, put the report into a discussion of the repository instead

Needs `pip install forebear huggingface_hub`, and a login (`hf auth login`).
"""

import argparse
import subprocess
import sys

from huggingface_hub import HfApi


def check(folder, *options):
    """What forebear says of a folder: its exit code, and its report."""
    done = subprocess.run(["forebear", "check", *options, "--", folder], stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--discussion", action="store_true")
    options = parser.parse_args()

    code, report = check(options.folder, "--persona", "publisher")
    print(report, end="", flush=True)
    if code == 0:
        HfApi().upload_folder(repo_id=options.model, folder_path=options.folder)
        print(f"uploaded to {options.model}")
    elif code == 1 and options.discussion:
        # The Markdown report is made for a comment: short enough for one, and with everything of the repository escaped.
        code, markdown = check(options.folder, "--format", "markdown")
        if code != 1:
            sys.exit(code)
        opened = HfApi().create_discussion(options.model, title="What is owed to the base model", description=markdown)
        print(f"not uploaded; see {opened.url}")
    else:
        print("not uploaded", file=sys.stderr)
    # Whoever calls this sees what forebear saw: 1 findings, 2 usage, 3 nothing to check.
    sys.exit(code)


if __name__ == "__main__":
    main()
