//! `forebear licenses` from outside: list, show, identify, and input made to break a reader.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test runs the program")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use forebear_testkit::env;
use forebear_testkit::output::{json, stderr, stdout, validates};
use serde_json::Value;

fn command(folder: &Path) -> Command {
    let mut command = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")));
    command.arg("licenses").current_dir(folder);
    command
}

fn licenses<S: AsRef<OsStr>>(arguments: &[S], folder: &Path) -> Output {
    let output = command(folder).args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    output
}

fn mit() -> String {
    forebear_testkit::spdx_text("MIT", &["Copyright (c) 2023 DeepSeek"])
}

#[test]
fn the_list_is_whole_and_can_be_filtered() {
    let here = tempfile::tempdir().unwrap();
    let all = json(&licenses(&["--format", "json"], here.path()));
    validates("forebear-licenses-1", &all);
    let all = all.as_array().unwrap();
    assert!(all.len() > 700);
    let mit = all.iter().find(|one| one["id"] == "MIT").unwrap();
    assert_eq!(mit["class"], "permissive");
    assert_eq!((&mit["terms_known"], &mit["text_recognised"]), (&Value::Bool(true), &Value::Bool(true)));
    let some = licenses(&["DeepSeek", "--format", "json"], here.path());
    let some = json(&some);
    assert!(some.as_array().unwrap().iter().any(|one| one["id"] == "LicenseRef-deepseek-model-1.0"));
    assert!(some.as_array().unwrap().len() < 20);
    let none = licenses(&["no-such-word"], here.path());
    assert_eq!(none.status.code(), Some(3));
    assert!(stdout(&licenses(&["apache"], here.path())).contains("Apache-2.0 "));
}

#[test]
fn a_licence_is_shown_by_any_of_its_names() {
    let here = tempfile::tempdir().unwrap();
    for id in ["LicenseRef-deepseek-model-1.0", "licenseref-DEEPSEEK-model-1.0", "deepseek-model-1.0"] {
        let page = json(&licenses(&["show", id, "--format", "json"], here.path()));
        validates("forebear-license-1", &page);
        assert_eq!(page["id"], "LicenseRef-deepseek-model-1.0");
        assert!(page["withholds"].as_array().is_some_and(|list| !list.is_empty()));
    }
    let text = stdout(&licenses(&["show", "mit"], here.path()));
    assert!(
        text.starts_with("MIT\n")
            && text.contains("keep the copyright notice (")
            && text.contains("source: ")
    );
    // What has no table is not known to ask nothing.
    let page = json(&licenses(&["show", "Zlib", "--format", "json"], here.path()));
    validates("forebear-license-1", &page);
    assert_eq!(page["id"], "Zlib");
    let unknown = licenses(&["show", "apche-2.0"], here.path());
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `Apache-2.0`"), "{}", stderr(&unknown));
    let strange = licenses(&["show", "no such thing at all"], here.path());
    assert!(stderr(&strange).contains("forebear licenses"), "{}", stderr(&strange));
}

#[test]
fn files_are_identified_with_the_objects_of_a_check() {
    let here = tempfile::tempdir().unwrap();
    fs::write(here.path().join("LICENSE"), mit()).unwrap();
    fs::write(here.path().join("header.py"), "# SPDX-License-Identifier: Apache-2.0\n").unwrap();
    fs::write(here.path().join("cut"), &mit()[..mit().find("THE SOFTWARE IS").unwrap()]).unwrap();
    fs::write(here.path().join("more"), format!("{}\nThe Software may not be used commercially.\n", mit()))
        .unwrap();
    let output =
        licenses(&["identify", "--format", "json", "./LICENSE", "header.py", "cut", "more"], here.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let files = json(&output);
    validates("forebear-legal-files-1", &files);
    let first = |file: usize| files[file]["licenses"][0].clone();
    assert_eq!(files[0]["path"], "./LICENSE");
    assert_eq!(files[0]["copyright"][0], "Copyright (c) 2023 DeepSeek");
    assert_eq!((&first(0)["id"], &first(0)["status"]), (&"MIT".into(), &"exact".into()));
    // Named, and no word of the text: the coverage says so.
    let header: Value = serde_json::json!({"id": "Apache-2.0", "coverage": 0.0, "status": "incomplete", "altered": false, "lines": [1, 1]});
    assert_eq!(first(1), header);
    assert_eq!(first(2)["status"], "incomplete");
    assert_eq!((&first(3)["id"], &first(3)["altered"]), (&"MIT".into(), &Value::Bool(true)));
    // The very same objects in a check.
    let check = env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
        .args(["check", ".", "--format", "json"])
        .current_dir(here.path())
        .output()
        .unwrap();
    assert_eq!(json(&check)["legal_files"][0]["licenses"], files[0]["licenses"]);
    // For people: what differs, what is missing, in which encoding.
    let text = stdout(&licenses(&["identify", "LICENSE", "header.py", "cut", "more"], here.path()));
    for part in
        ["(UTF-8)", "exact", "missing: “THE SOFTWARE IS", "named only", "not be used commercially", "lines "]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn standard_input_is_a_file() {
    let here = tempfile::tempdir().unwrap();
    for arguments in [&["identify", "--format", "json"][..], &["identify", "-", "--format", "json"]] {
        let mut child = command(here.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(mit().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(json(&output)[0]["path"], "-");
        assert_eq!(json(&output)[0]["licenses"][0]["id"], "MIT");
    }
    // Nothing there, nothing found.
    assert_eq!(licenses(&["identify"], here.path()).status.code(), Some(3));
}

/// Nothing hangs, nothing panics; each is a problem with file, reason and remedy.
#[test]
fn input_made_to_break_a_reader_is_a_problem_with_a_remedy() {
    let here = tempfile::tempdir().unwrap();
    let at = |name: &str| here.path().join(name);
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    fs::create_dir(at("folder")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    symlink("circle", at("circle")).unwrap();
    // Sparse: the size is real, the disk is not filled.
    File::create(at("sparse")).unwrap().set_len(4 << 30).unwrap();
    fs::write(at("empty"), "").unwrap();
    fs::write(at("zero"), "\0").unwrap();
    fs::write(at("nuls"), "MIT License\0\0\0\0").unwrap();
    fs::write(at("surrogates"), b"\xff\xfe\0\xd8\0\xd8M\0I\0T\0\n").unwrap();
    fs::write(at("gbk"), b"\xd0\xed\xbf\xc9\xd0\xad\xd2\xe9\xd0\xed\xbf\xc9 MIT").unwrap();
    fs::write(at("l.pdf"), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n").unwrap();
    fs::write(at("l.docx"), b"PK\x03\x04\x14\0\x06\0[Content_Types].xml word/document.xml").unwrap();
    fs::write(at("elf"), b"\x7fELF\x02\x01\x01\0\0\0\0\0").unwrap();
    for (name, words, code) in [
        ("pipe", "pipe, socket or device", 3),
        ("/dev/null", "pipe, socket or device", 3),
        ("folder", "this is a folder", 2),
        ("missing", "no such file", 2),
        ("empty/below", "no such file", 2),
        ("dangling", "link leads nowhere", 2),
        ("circle", "link leads nowhere", 2),
        ("sparse", "only the first 1048576 are examined", 3),
        ("empty", "is empty", 3),
        ("zero", "not text", 3),
        ("nuls", "4 places", 0),
        ("surrogates", "3 places", 3),
        ("gbk", "encoding of the file is not known", 3),
        ("l.pdf", "a PDF document: its text is not examined", 3),
        ("l.docx", "a Word document (DOCX): its text is not examined", 3),
        ("elf", "not text", 3),
    ] {
        let output = licenses(&["identify", "--format", "json", name], here.path());
        assert_eq!(output.status.code(), Some(code), "{name}: {}", stderr(&output));
        let message = stderr(&output);
        assert!(
            message.starts_with(name) && message.contains(words) && message.contains("help: "),
            "{message}"
        );
        let files = json(&output);
        validates("forebear-legal-files-1", &files);
        assert_eq!(files[0]["path"], name);
        let strict = licenses(&["identify", "--strict", name], here.path());
        assert_eq!(strict.status.code(), Some(if code == 2 { 2 } else { 4 }), "{name}");
        assert!(stdout(&strict).contains("not examined: "), "{name}: {}", stdout(&strict));
    }
}

#[test]
fn odd_texts_are_read_in_bounded_time() {
    let here = tempfile::tempdir().unwrap();
    let odd = OsStr::from_bytes(b"LICENSE-\xff\x1b[2J");
    fs::write(here.path().join(odd), mit()).unwrap();
    fs::write(here.path().join("one"), "x").unwrap();
    fs::write(here.path().join("high"), b"\xa9").unwrap();
    fs::write(here.path().join("line"), mit().replace('\n', " ").repeat(600)).unwrap();
    fs::write(here.path().join("word"), "permission ".repeat(95_000)).unwrap();
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    fs::write(here.path().join("wide"), wide(&mit())).unwrap();
    fs::write(here.path().join("mac"), mit().replace('\n', "\r")).unwrap();
    let names = [
        odd,
        "one".as_ref(),
        "high".as_ref(),
        "line".as_ref(),
        "word".as_ref(),
        "wide".as_ref(),
        "mac".as_ref(),
    ];
    let arguments: Vec<&OsStr> =
        ["identify", "--format", "json"].map(OsStr::new).into_iter().chain(names).collect();
    let output = licenses(&arguments, here.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let files = json(&output);
    validates("forebear-legal-files-1", &files);
    assert_eq!(files[0]["path"], "LICENSE-\\xff\\x1b[2J");
    for file in [0, 3, 5, 6] {
        assert_eq!(files[file]["licenses"][0]["id"], "MIT", "{}", files[file]);
    }
    assert_eq!(files[6]["licenses"][0]["lines"], files[5]["licenses"][0]["lines"]);
    for file in [1, 2, 4] {
        assert_eq!(files[file]["licenses"].as_array().unwrap().len(), 0, "{}", files[file]);
    }
    let mut text = arguments.clone();
    text.drain(1..3);
    assert!(!stdout(&licenses(&text, here.path())).contains('\u{1b}'));
}

/// A licence that is there as a document is not missing: whether it is the right one could not be told.
#[test]
fn a_document_makes_a_missing_text_an_open_question() {
    for (name, bytes) in [
        ("LICENSE.pdf", &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..]),
        ("LICENSE.docx", b"PK\x03\x04\x14\0\x06\0[Content_Types].xml word/document.xml"),
        ("license.rtf", b"{\\rtf1\\ansi MIT License}"),
        ("LICENSE", b"%PDF-1.4\n"),
    ] {
        let here = tempfile::tempdir().unwrap();
        fs::write(
            here.path().join("README.md"),
            "---\nlicense: mit\nbase_model: deepseek-ai/DeepSeek-V3-0324\n---\n# Kaguya\n",
        )
        .unwrap();
        fs::write(here.path().join("config.json"), forebear_testkit::snippet("deepseek-v3-config.json"))
            .unwrap();
        fs::write(here.path().join("model.safetensors"), forebear_testkit::pointer("x")).unwrap();
        let check = || {
            env::command(Path::new(env!("CARGO_BIN_EXE_forebear")))
                .args(["check", ".", "--format", "json"])
                .current_dir(here.path())
                .output()
                .unwrap()
        };
        assert_eq!(check().status.code(), Some(1), "without any file the text is missing");
        fs::write(here.path().join(name), bytes).unwrap();
        let output = check();
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stdout(&output));
        let report = json(&output);
        for obligation in report["obligations"].as_array().unwrap() {
            assert_eq!(obligation["answer"], "unknown", "{name}: {obligation}");
        }
        let problem = &report["source"]["problems"][0];
        assert_eq!(problem["path"], name);
        assert!(problem["what"].as_str().unwrap().contains("its text is not examined"), "{problem}");
        assert!(problem["remedy"].as_str().unwrap().contains("plain text file"), "{problem}");
    }
}
