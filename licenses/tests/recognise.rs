//! Recognition from outside: every licence is itself, its usual variants are it too, changed ones are not it unchanged.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads texts")]

use forebear_licenses::{decode, recognise, text};
use forebear_types::LicenseId;
use forebear_types::license::{MatchStatus, Recognition};

fn spdx_text(id: &str, owner: &str) -> String {
    let text = text(&LicenseId::from(id)).unwrap();
    text.replace("Copyright (c) <year> <copyright holders>", owner)
        .replace("Copyright (c) <year> <owner>.", owner)
        .replace("Copyright (c) <year> <owner>", owner)
}

fn ids(found: &Recognition) -> Vec<&str> {
    found.licenses.iter().filter(|license| license.whole()).map(|license| license.id.as_str()).collect()
}

#[test]
fn each_licence_of_the_list_is_recognised_as_itself() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for license in spdx::identifiers::LICENSES {
        let id = spdx::license_id(license.name).unwrap();
        let words = id.text().split_whitespace().count();
        if id.is_deprecated() || words < 25 || license.name.ends_with("-or-later") {
            continue;
        }
        count += 1;
        let found = recognise(id.text());
        let whole = ids(&found);
        let equal = |other: &str| {
            let fold = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            other == license.name
                || spdx::license_id(other).is_some_and(|other| fold(other.text()) == fold(id.text()))
        };
        if whole.is_empty() || found.licenses.len() != 1 || !equal(whole[0]) {
            let all: Vec<String> = found
                .licenses
                .iter()
                .map(|l| format!("{} {} {}", l.id, l.status.name(), l.coverage.thousandths()))
                .collect();
            wrong.push(format!("{}: {all:?}", license.name));
        }
    }
    println!("{} of {count} are themselves", count - wrong.len());
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

fn wrapped(text: &str, width: usize) -> String {
    text.split("\n\n")
        .map(|paragraph| {
            let mut lines = vec![String::new()];
            for word in paragraph.split_whitespace() {
                let last = lines.last_mut().unwrap();
                if last.len() + word.len() + 1 > width && !last.is_empty() {
                    lines.push(word.to_owned());
                } else {
                    if !last.is_empty() {
                        last.push(' ');
                    }
                    last.push_str(word);
                }
            }
            lines.join("\n")
        })
        .collect::<Vec<_>>()
        .join("\n\n")
}

#[test]
fn the_usual_variants_are_the_same_licence() {
    for id in
        ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "GPL-3.0-only", "CC-BY-4.0", "MPL-2.0"]
    {
        let text = spdx_text(id, "Copyright (c) 2024 Kaguya AI");
        let variants = [
            ("as it is", text.clone()),
            ("40 columns", wrapped(&text, 40)),
            ("120 columns", wrapped(&text, 120)),
            ("no copyright line", text.replace("Copyright (c) 2024 Kaguya AI", "")),
            ("upper case", text.to_uppercase()),
            ("CRLF and BOM", format!("\u{feff}{}", wrapped(&text, 70).replace('\n', "\r\n"))),
            (
                "C comment",
                format!(
                    "/*\n{}\n */",
                    wrapped(&text, 70).lines().map(|l| format!(" * {l}")).collect::<Vec<_>>().join("\n")
                ),
            ),
            (
                "hash comment and code",
                format!(
                    "{}\n\nimport os\nprint(os.getcwd())\n",
                    wrapped(&text, 70).lines().map(|l| format!("# {l}")).collect::<Vec<_>>().join("\n")
                ),
            ),
            ("quoted", wrapped(&text, 70).lines().map(|l| format!("> {l}")).collect::<Vec<_>>().join("\n")),
            ("curly quotes", text.replace('"', "”").replace('\'', "’")),
            ("one line", text.split_whitespace().collect::<Vec<_>>().join(" ")),
            (
                "in a README",
                format!(
                    "# Kaguya\n\nA model. Use it like so:\n\n    run kaguya\n\n## License\n\n{}\n\n## Thanks\n\nTo everybody.\n",
                    wrapped(&text, 76)
                ),
            ),
        ];
        for (name, variant) in variants {
            let found = recognise(&decode(variant.as_bytes()).text);
            assert_eq!(ids(&found), [id], "{id}, {name}: {:?}", found.licenses);
        }
    }
}

#[test]
fn apache_with_and_without_its_last_part() {
    let text = text(&LicenseId::from("Apache-2.0")).unwrap();
    let end = text.find("END OF TERMS AND CONDITIONS").unwrap();
    for variant in
        [text[..end].to_owned(), text.replace("[yyyy] [name of copyright owner]", "2024 Kaguya AI")]
    {
        let found = recognise(&variant);
        assert_eq!(ids(&found), ["Apache-2.0"]);
        assert!(found.unrecognised.is_empty());
    }
    let filled = recognise(&text.replace("[yyyy] [name of copyright owner]", "2024 Kaguya AI"));
    assert_eq!(filled.copyright[0].holder.as_deref(), Some("Kaguya AI"));
}

/// What stands before and behind the terms is none of them: the preface of Creative Commons, how to apply the GPL.
#[test]
fn differences_outside_the_terms_have_no_weight() {
    let gpl = text(&LicenseId::from("GPL-3.0-only"))
        .unwrap()
        .replace("philosophy/why-not-lgpl", "licenses/why-not-lgpl");
    let cc = text(&LicenseId::from("CC-BY-NC-4.0")).unwrap().replace(
        "By exercising the Licensed Rights",
        "More considerations for licensors: wiki.creativecommons.org/Considerations_for_licensors\n\nBy exercising the Licensed Rights",
    );
    for (text, id) in [(gpl, "GPL-3.0-only"), (cc, "CC-BY-NC-4.0")] {
        assert_eq!(ids(&recognise(&text)), [id]);
    }
    // A clause behind the terms is a term all the same.
    let apache = text(&LicenseId::from("Apache-2.0")).unwrap().replace(
        "APPENDIX: How to apply",
        "The Work may not be used by companies with more than one hundred employees, unless a fee was paid.\n\nAPPENDIX: How to apply",
    );
    assert!(ids(&recognise(&apache)).is_empty());
}

#[test]
fn several_licences_in_one_file_each_have_their_lines() {
    let mit = wrapped(&spdx_text("MIT", "Copyright (c) 2023 DeepSeek"), 70);
    let other = wrapped(&spdx_text("MIT", "Copyright (c) 2026 Kaguya AI"), 70);
    let apache = text(&LicenseId::from("Apache-2.0")).unwrap();
    let bsd = wrapped(&spdx_text("BSD-3-Clause", "Copyright (c) 2020 Someone"), 70);
    let notices = format!(
        "Third-party notices\n\nDeepSeek-V3\n\n{mit}\n\n----\n\nKaguya\n\n{other}\n\n----\n\n{bsd}\n\n{apache}"
    );
    let found = recognise(&notices);
    assert_eq!(ids(&found), ["MIT", "MIT", "BSD-3-Clause", "Apache-2.0"], "{:?}", found.licenses);
    assert!(found.licenses.windows(2).all(|pair| pair[0].lines.last < pair[1].lines.first));
    assert_eq!(found.copyright.len(), 3);
    assert_eq!(
        notices.lines().nth(found.copyright[0].line as usize - 1),
        Some("Copyright (c) 2023 DeepSeek")
    );
}

#[test]
fn a_changed_licence_is_never_the_plain_one() {
    let mit = wrapped(&spdx_text("MIT", "Copyright (c) 2023 DeepSeek"), 70);
    let clause = "Our only modification is that, if the Software is used for commercial products with more than 100 million monthly active users, you shall prominently display \"Kaguya\" on the user interface.";
    let changes = [
        ("a clause at the end", format!("{mit}\n\n{clause}\n")),
        (
            "a clause in the middle",
            mit.replace("THE SOFTWARE IS PROVIDED", &format!("{clause}\n\nTHE SOFTWARE IS PROVIDED")),
        ),
        (
            "a condition",
            mit.replace("without limitation the rights", "without limitation the non-commercial rights"),
        ),
        ("a right taken away", mit.replace("sublicense, and/or sell", "and/or sublicense")),
    ];
    for (name, variant) in changes {
        let found = recognise(&variant);
        assert!(ids(&found).is_empty(), "{name}: {:?}", found.licenses);
        let MatchStatus::Altered { changes } = &found.licenses[0].status else {
            panic!("{name}: {:?}", found.licenses)
        };
        assert_eq!(found.licenses[0].id.as_str(), "MIT", "{name}");
        assert!(!changes.is_empty());
    }
    // This addition has a name of its own.
    let json =
        mit.replace("\n\nTHE SOFTWARE", "\n\nThe Software shall be used for Good, not Evil.\n\nTHE SOFTWARE");
    assert_eq!(ids(&recognise(&json)), ["JSON"]);
}

#[test]
fn a_cut_text_says_what_is_missing_and_a_stub_is_a_name() {
    let mit = spdx_text("MIT", "Copyright (c) 2023 DeepSeek");
    let found = recognise(&mit[..mit.find("THE SOFTWARE IS PROVIDED").unwrap()]);
    let MatchStatus::Incomplete { missing } = &found.licenses[0].status else {
        panic!("{:?}", found.licenses)
    };
    assert!(missing[0].to_lowercase().starts_with("the software is provided"), "{missing:?}");
    let stub = recognise("MIT License\n\nCopyright (c) 2023 DeepSeek\n");
    assert!(stub.licenses.is_empty());
    assert_eq!(stub.named[0].id.as_str(), "MIT");
    assert_eq!(stub.copyright[0].holder.as_deref(), Some("DeepSeek"));
    let header = recognise(
        "Licensed under the Apache License, Version 2.0 (the \"License\");\nyou may not use this file except in compliance with the License.\n",
    );
    assert!(ids(&header).is_empty());
    assert_eq!(header.named[0].id.as_str(), "Apache-2.0");
}

#[test]
fn prose_and_code_hold_no_licence() {
    for text in [
        "",
        "\n\n",
        "hello",
        "# Kaguya\n\nA language model with 700 billion parameters, trained on 15 trillion tokens.\n",
        "def license(text):\n    return text\n",
        "see LICENSE for the terms of the license",
    ] {
        let found = recognise(text);
        assert!(found.licenses.is_empty() && found.unrecognised.is_empty(), "{text}: {found:?}");
    }
}

/// Every licence of a model is itself, with its version, in the layouts in which it is passed on: none is taken for another
/// one, for MIT or for Apache-2.0.
#[test]
fn each_model_licence_is_recognised_as_itself() {
    let shared = std::env::var("FOREBEAR_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").to_owned());
    let folder = format!("{shared}/license-texts");
    let Ok(manifest) = std::fs::read_to_string(format!("{folder}/manifest.toml")) else {
        println!("skipped: the texts of model licences are not part of the project; set FOREBEAR_SHARED");
        return;
    };
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for license in manifest["license"].as_array().unwrap() {
        let (name, id) = (license["id"].as_str().unwrap(), license["spdx"].as_str().unwrap());
        let text = decode(&std::fs::read(format!("{folder}/{name}.txt")).unwrap()).text;
        let quoted: String = text.lines().map(|line| format!("> {line}\n")).collect();
        let in_readme =
            format!("# Kaguya\n\nA model.\n\n## License\n\n{text}\n\n## Thanks\n\nTo everybody.\n");
        for (layout, variant) in [
            ("as it is", text.clone()),
            ("CRLF and BOM", format!("\u{feff}{}", text.replace('\n', "\r\n"))),
            ("upper case", text.to_uppercase()),
            ("quoted", quoted),
            ("in a README", in_readme),
        ] {
            count += 1;
            let found = recognise(&decode(variant.as_bytes()).text);
            if found.licenses.len() != 1 || ids(&found) != [id] {
                wrong.push(format!("{name}, {layout}: {:?}", ids(&found)));
            }
        }
        let clause =
            "The licensee shall not use the model for commercial purposes without prior written consent.";
        let found = recognise(&format!("{text}\n\n{clause}\n"));
        if !ids(&found).is_empty() {
            wrong.push(format!("{name} with a clause: {:?}", ids(&found)));
        }
    }
    println!("{count} texts, {} taken for another licence or for plain", wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A clause may make MIT look like a licence that grew out of it; laid beside MIT it is MIT with a clause.
#[test]
fn one_licence_is_laid_beside_a_text_whatever_explains_it_better() {
    let mit = spdx_text("MIT", "Copyright (c) 2023 DeepSeek");
    let banned =
        mit.replacen("THE SOFTWARE IS", "The Software shall not be used for war.\n\nTHE SOFTWARE IS", 1);
    let id = LicenseId::from("MIT");
    assert_ne!(ids(&recognise(&banned)), ["MIT"]);
    let found = forebear_licenses::compare(&banned, &id).unwrap();
    assert!(found.altered(), "{found:?}");
    assert!(forebear_licenses::compare(&mit, &id).unwrap().whole());
    assert_eq!(forebear_licenses::compare("We sell apples.", &id), None);
    let apache = spdx_text("Apache-2.0", "");
    assert_eq!(forebear_licenses::compare(&apache, &id), None);
}

/// No input takes more than linear time: each of these is a megabyte.
#[test]
fn hostile_texts_are_read_in_bounded_time_and_without_panic() {
    let mit = spdx_text("MIT", "Copyright (c) 2023 DeepSeek");
    for text in [
        "permission ".repeat(95_000),
        "permission is hereby granted free of charge ".repeat(23_000),
        format!("{mit}\n").repeat(900),
        "copyright (c) 2020 a permission is ".repeat(30_000),
        "copyright law ".repeat(70_000),
        "<".repeat(1 << 20),
        "\u{feff}é\u{301}©".repeat(100_000),
        "(c) ".repeat(250_000),
    ] {
        let found = recognise(&text);
        println!("{:.20}… {} licences, {} owner lines", text, found.licenses.len(), found.copyright.len());
    }
}
