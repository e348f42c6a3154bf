//! The committed index is the one that the texts give. `FOREBEAR_UPDATE=1` writes it.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test writes its file")]

#[test]
fn the_index_is_made_from_the_texts() {
    let made = forebear_licenses::internal::generate();
    if std::env::var_os("FOREBEAR_UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/data/recognise.index"), &made).unwrap();
        return;
    }
    assert!(
        made == forebear_licenses::internal::bytes(),
        "the index is not that of the texts; run this test with FOREBEAR_UPDATE=1"
    );
}
