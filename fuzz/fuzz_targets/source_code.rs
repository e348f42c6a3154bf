//! The reader of model code over bytes of strangers.
#![no_main]

use forebear_types::fact::FactKind;
use libfuzzer_sys::fuzz_target;

mod places;

fuzz_target!(|bytes: &[u8]| {
    let reading = places::examined("modeling_x.py", bytes);
    for fact in &reading.facts {
        let FactKind::SourceCode(code) = &fact.kind else { continue };
        for (name, base) in &code.classes {
            let word = |name: &str| name.chars().all(|one| one.is_alphanumeric() || matches!(one, '_' | '.'));
            assert!(word(&name.value) && word(base), "{name:?} {base:?}");
        }
    }
});
