//! Prints what the catalog of vocabularies needs to know of a folder's tokenizers and chat templates, as TOML:
//! `cargo run --release --package forebear-scanner --example tokenizer_sketch -- FOLDER`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a program that prints")]

use std::path::Path;

use forebear_scanner::source::{What, examine, open};
use forebear_types::fact::{FactKind, Tokenizer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).ok_or("name a folder")?;
    let opened = open(Path::new(&folder), What::WorkTree)?;
    let (reading, _) = examine(&*opened.source);
    for problem in &reading.problems {
        println!("# {}: {}", problem.path, problem.what);
    }
    for fact in &reading.facts {
        match &fact.kind {
            FactKind::Tokenizer(tokenizer) => {
                println!("\n# {} ({:?})", fact.path, tokenizer.kind);
                print(tokenizer);
            }
            FactKind::ChatTemplate(template) => {
                println!("\n# {}: chat template {:?}", fact.path, template.name);
                println!("sha256 = \"{}\"", template.digest);
            }
            FactKind::Pointer(pointer) => {
                println!("\n# {}: pointer\nsha256 = \"{}\"", fact.path, pointer.sha256);
            }
            _ => {}
        }
    }
    Ok(())
}

fn print(tokenizer: &Tokenizer) {
    let special = tokenizer.added.iter().filter(|token| token.special).map(|token| token.text.as_str());
    println!("special = {:?}", special.take(12).collect::<Vec<_>>());
    if let Some(tokens) = tokenizer.tokens {
        println!("tokens = {tokens}");
    }
    if let Some(merges) = tokenizer.merges {
        println!("merges = {merges}");
    }
    if let Some(first) = tokenizer.first_merges {
        println!("first_merges = \"{first}\"");
    }
    if let Some(digest) = tokenizer.digest {
        println!("sha256 = \"{digest}\"");
    }
    if let Some(sketch) = &tokenizer.sketch {
        let entries: Vec<String> =
            sketch.sample.iter().map(|(hash, id)| format!("{hash:012x}:{id}")).collect();
        println!("sketch = \"\"\"");
        for line in entries.chunks(6) {
            println!("{}", line.join(" "));
        }
        println!("\"\"\"");
    }
}
