//! Builds file trees and git histories, and runs literate cases. For tests only.
//!
//! Histories are built afresh for each test, with fixed authors and times; no `.git` folder is ever committed.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test kit writes files, and a broken test may panic"
)]

pub mod case;
pub mod env;
pub mod large;
pub mod output;
mod parse;
pub mod repo;
pub mod weights;

use std::path::{Path, PathBuf};

/// The top of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A shared piece of a fixture: a file under `fixtures/snippets/`.
///
/// # Panics
/// If there is none.
pub fn snippet(name: &str) -> String {
    let path = workspace().join("fixtures/snippets").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A Git LFS pointer for a file of this name. The digest is made up from the name, the same each time.
pub fn pointer(name: &str) -> String {
    let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let digest: String = (0..4).map(|part| format!("{:016x}", seed.rotate_left(part * 13))).collect();
    let size = 1_000_000 + seed % 5_000_000_000;
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {size}\n")
}

/// A `tokenizer.json` of a vocabulary that nobody ships: ASCII characters, then words made up of syllables, the same each time.
pub fn invented_vocabulary(tokens: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "qua", "zhi", "nev", "olu", "xer", "byo", "tya", "gwe", "pli", "dro", "fuh", "kse", "mno", "vyr",
        "chj", "aiw",
    ];
    let characters = (b'!'..=b'~').map(|byte| char::from(byte).to_string());
    let words = (0_usize..).map(|number| {
        let syllable = |shift: u32| SYLLABLES[(number >> shift) % SYLLABLES.len()];
        [16, 12, 8, 4, 0].map(syllable).concat()
    });
    let members: Vec<String> = characters
        .chain(words)
        .take(tokens)
        .enumerate()
        .map(|(id, token)| format!("{token:?}:{id}"))
        .collect();
    format!("{{\"model\":{{\"type\":\"BPE\",\"vocab\":{{{}}},\"merges\":[]}}}}\n", members.join(","))
}

/// The text of an SPDX licence with owner lines in place of its template line; lines of at most 78 columns.
///
/// # Panics
/// If SPDX has no such licence.
pub fn spdx_text(id: &str, owners: &[&str]) -> String {
    let license = spdx::license_id(id).unwrap_or_else(|| panic!("SPDX has no licence {id}"));
    let owners = owners.join("\n");
    let mut text = String::new();
    let mut replaced = owners.is_empty();
    for line in license.text().lines() {
        let template = line.starts_with("Copyright (c) <year>") || line.starts_with("Copyright (c) [year]");
        if template && !owners.is_empty() {
            text.push_str(&owners);
            text.push('\n');
            replaced = true;
        } else {
            text.push_str(&wrap(line));
        }
    }
    if replaced { text } else { format!("{owners}\n\n{text}") }
}

fn wrap(line: &str) -> String {
    if line.len() <= 78 {
        return format!("{line}\n");
    }
    let mut out = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        if column > 0 && column + word.len() + 1 > 78 {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out.push('\n');
    out
}
