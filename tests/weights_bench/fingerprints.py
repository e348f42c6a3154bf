"""Fingerprints of the models that packages hold, as they go out: target/weights-bench/fingerprints/.

Those that bear the id of a published model come with the program. Of a file that is as at its publisher digests are taken; of a converted or quantised one they would equal nobody's file.
"""

import hashlib

import support
from weights_bench import bench as shared
from weights_bench import models, pages

FULL = ("--dimensions", "256", "--column-norms")


def measure(bench):
    """Makes them; says what each holds."""
    folder = bench.folder("fingerprints")
    made = []
    for name, told in models.MODELS.items():
        if told.name is None:
            continue
        path = models.model(bench, name)
        if path is None:
            continue
        file = folder / f"{told.name.replace('/', '--')}.print"
        as_published = told.conversion in {None, models.BESIDE}
        options = (*FULL, "--name", told.name) + (() if as_published else ("--no-digests",))
        said = bench.fingerprint(path, file, *options)
        bench.check.expect(said["sketch"] is not None and not said["problems"], f"{told.name}: a sketch, and no problems", said)
        again = folder / f"{file.stem}.again"
        bench.fingerprint(path, again, *options)
        bench.check.expect(file.read_bytes() == again.read_bytes(), f"{told.name}: the same bytes when made again")
        again.unlink()
        embedded = support.ROOT / "crates" / "lineage" / "catalog" / "fingerprints" / file.name
        if "/" in told.name:
            same = embedded.is_file() and file.read_bytes() == embedded.read_bytes()
            bench.check.expect(same, f"{told.name}: the one that comes with the program", f"copy {file} to {embedded}")
        features = {group["name"]: group["n"] for group in said["sketch"]["features"]}
        made.append(
            {
                "name": told.name,
                "file": shared.relative(file),
                "sha256_of_print": hashlib.sha256(file.read_bytes()).hexdigest(),
                "bytes": said["bytes"],
                "width": said["sketch"]["width"],
                "layers": said["sketch"]["layers"],
                "features": features,
                "tokens_by": said["sketch"]["tokens_by"],
                "digests": said["tensors"]["digests"],
                "unused_tokens": said["unused_tokens"],
                "source": models.source(name),
            }
        )
    (folder / "SOURCES.md").write_text(f"# Where these fingerprints are from\n\n{sources(made)}\n", encoding="utf-8")
    return {"forebear": bench.version, "prints": made} if made else None


def sources(made):
    """A table of where fingerprints are from."""
    head = ["fingerprint", "package", "file", "SHA-256 of the file", "conversion", "bytes"]
    rows = []
    for one in made:
        source = one["source"]
        package = f"{source['package']} {source['version']} ({source['registry']})"
        words = (f"`{one['name']}`", package, f"`{source['file']}`", f"`{source['sha256']}`", source["conversion"] or "none")
        rows.append((*words, one["bytes"]))
    return pages.table(head, rows, left=5)


def tables(result):
    """The table of docs/weights.md."""
    head = ["fingerprint", "package", "bytes", "width", "layers", "N / W / E / C", "digests", "unused tokens"]
    rows = []
    for one in result["prints"]:
        counts = " / ".join(str(one["features"].get(group, 0)) for group in ("norms", "weights", "embeddings", "column-norms"))
        package = f"{one['source']['package']} {one['source']['version']}"
        figures = (one["bytes"], one["width"], one["layers"], counts, one["digests"] or "–", one["unused_tokens"] or "–")
        rows.append((f"`{one['name']}`", package, *figures))
    return {"fingerprints": pages.table(head, rows, left=2)}
