//! Fifteen files on which recognisers are known to fail, each built from texts of the SPDX list.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs, reason = "a test reads texts")]

use forebear_licenses::{decode, recognise, text};
use forebear_types::LicenseId;
use forebear_types::license::Recognition;

fn of(id: &str) -> &'static str {
    text(&LicenseId::from(id)).unwrap_or_else(|| panic!("the list has no {id}"))
}

fn mit() -> String {
    of("MIT").replace("Copyright (c) <year> <copyright holders>", "Copyright (c) 2019 Jane Doe")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn whole(found: &Recognition) -> Vec<&str> {
    found.licenses.iter().filter(|license| license.whole()).map(|license| license.id.as_str()).collect()
}

fn check(name: &str, bytes: &[u8], ids: &[&str]) -> Recognition {
    let found = recognise(&decode(bytes).text);
    assert_eq!(whole(&found), ids, "{name}: {found:#?}");
    found
}

fn altered(name: &str, text: &str, id: &str) {
    let found = recognise(text);
    assert!(whole(&found).is_empty(), "{name}: {found:#?}");
    let flagged = found.licenses.iter().any(|license| license.id.as_str() == id && license.altered());
    let foreign = found.licenses.is_empty() && !found.unrecognised.is_empty();
    assert!(flagged || foreign, "{name}: {found:#?}");
}

/// 1: a display clause behind MIT, as in the licence of Kimi K2. The text itself is compared where it is at hand.
#[test]
fn mit_with_a_display_clause_is_not_mit() {
    let clause = "Our only modification part is that, if the Software (or any derivative works thereof) is used for any \
                  of your commercial products or services that have more than 100 million monthly active users, you \
                  shall prominently display its name on the user interface of such product or service.";
    altered("a display clause", &format!("{}\n\n{clause}\n", mit()), "MIT");
}

/// 2, 3, 4: one line with the notice first, a JSON string, a Latin-1 copyright sign.
#[test]
fn mit_on_one_line_in_json_and_in_latin_1() {
    let line = one_line(&mit().replace("MIT License", ""));
    let found = check("one line", line.as_bytes(), &["MIT"]);
    assert_eq!(found.copyright[0].holder.as_deref(), Some("Jane Doe"));
    let escaped = mit().replace('"', "\\\"").replace('\n', "\\n");
    check("JSON", format!("{{\"name\": \"x\", \"licenseText\": \"{escaped}\"}}").as_bytes(), &["MIT"]);
    let mut latin: Vec<u8> = Vec::new();
    for letter in mit().replace("(c)", "©").chars() {
        latin.push(u8::try_from(u32::from(letter)).unwrap_or(b'?'));
    }
    let found = check("Latin-1", &latin, &["MIT"]);
    assert_eq!(found.copyright[0].holder.as_deref(), Some("Jane Doe"));
}

/// 5: UTF-16 of either order, with its mark.
#[test]
fn bsd_in_utf_16() {
    let units: Vec<u16> = std::iter::once(0xfeff).chain(of("BSD-3-Clause").encode_utf16()).collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    check("little endian", &little, &["BSD-3-Clause"]);
    check("big endian", &big, &["BSD-3-Clause"]);
}

/// 6: two copies with two owners are two matches, and both owners are found.
#[test]
fn two_copies_of_mit_with_two_owners() {
    let two = format!("{}\n\n{}", mit(), mit().replace("2019 Jane Doe", "2023 DeepSeek"));
    let found = check("two copies", two.as_bytes(), &["MIT", "MIT"]);
    let owners: Vec<Option<&str>> = found.copyright.iter().map(|line| line.holder.as_deref()).collect();
    assert_eq!(owners, [Some("Jane Doe"), Some("DeepSeek")]);
}

/// 7: without its appendix Apache-2.0 resembles Pixar's licence, which is Apache-2.0 with another section 6.
#[test]
fn apache_without_appendix_is_not_pixar() {
    let apache = of("Apache-2.0");
    check("no appendix", &apache.as_bytes()[..apache.find("END OF TERMS").unwrap()], &["Apache-2.0"]);
    check("Pixar", of("Pixar").as_bytes(), &["Pixar"]);
}

/// 8: the list's text of LGPL-3.0 has GPL-3.0 behind it; files have it with and without.
#[test]
fn lgpl_alone_and_with_the_gpl_behind_it() {
    let both = of("LGPL-3.0-only");
    let gpl = both.find("GNU GENERAL PUBLIC LICENSE\n").unwrap();
    check("alone", &both.as_bytes()[..gpl], &["LGPL-3.0-only"]);
    let found = recognise(both);
    assert!(whole(&found).contains(&"LGPL-3.0-only"), "{found:#?}");
}

/// 9, 10: licences that differ from MIT by one sentence have names of their own.
#[test]
fn neighbours_of_mit_are_themselves() {
    for id in ["MITNFA", "MIT-0", "JSON", "X11", "MIT-Modern-Variant", "MIT-feh", "Xfig", "SMLNJ", "HPND"] {
        check(id, of(id).as_bytes(), &[id]);
    }
}

/// 11: two licences, one behind the other.
#[test]
fn isc_and_mit_in_one_file() {
    let isc = of("ISC").replace("<year> <owner>", "2015 Someone");
    let both =
        format!("{isc}\n\n====\n\n`String.fromCodePoint` by Somebody is under the MIT License:\n\n{}", mit());
    check("ISC and MIT", both.as_bytes(), &["ISC", "MIT"]);
}

/// 12: the licences of Creative Commons differ by a few sentences.
#[test]
fn creative_commons_are_told_apart() {
    for version in ["3.0", "4.0"] {
        for kind in ["BY", "BY-SA", "BY-ND", "BY-NC", "BY-NC-SA", "BY-NC-ND"] {
            let id = format!("CC-{kind}-{version}");
            let words: Vec<&str> = of(&id).split_whitespace().collect();
            let wrapped = words.chunks(11).map(|line| line.join(" ")).collect::<Vec<_>>().join("\n");
            check(&id, wrapped.as_bytes(), &[&id]);
        }
    }
}

/// 13: words changed within the licence, none at its end.
#[test]
fn changes_inside_the_text_are_seen() {
    altered(
        "no right to pass on",
        &one_line(&mit()).replace(
            "to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of",
            "to use copies of",
        ),
        "MIT",
    );
    let bsd = of("BSD-3-Clause");
    let clause =
        "4. This software may only be redistributed and used in connection with a product of the holder.\n\n";
    altered(
        "a field of use",
        &bsd.replace("THIS SOFTWARE IS PROVIDED", &format!("{clause}THIS SOFTWARE IS PROVIDED")),
        "BSD-3-Clause",
    );
    altered(
        "not permitted",
        &bsd.replace("are permitted provided", "are not permitted unless"),
        "BSD-3-Clause",
    );
}

/// 14: MPL-2.0 has an exhibit that offers another licence; one text of the FSF stands under six ids.
#[test]
fn an_exhibit_and_one_text_under_six_ids() {
    check("with its exhibits", of("MPL-2.0").as_bytes(), &["MPL-2.0"]);
    check("GFDL", of("GFDL-1.3-only").as_bytes(), &["GFDL-1.3-only"]);
}

/// 15: a notices file of twenty licences, among them short ones.
#[test]
fn a_notices_file_of_twenty_licences() {
    let ids = [
        "MIT", "WTFPL", "Zlib", "ISC", "Apache-2.0", "BSD-2-Clause", "Unlicense", "BSD-3-Clause", "0BSD",
        "BSL-1.0", "MIT-0", "NCSA", "PostgreSQL", "CC0-1.0", "MPL-2.0", "OFL-1.1", "Python-2.0.1", "curl",
        "Artistic-2.0", "X11",
    ];
    let mut file = String::from("THIRD-PARTY SOFTWARE NOTICES AND INFORMATION\n\n");
    for (number, id) in ids.iter().enumerate() {
        let text = of(id)
            .replace("<year>", "2020")
            .replace("<copyright holders>", "A. Person")
            .replace("<owner>", "B");
        file.push_str(&format!(
            "{}. package-{number} version 1.{number} (https://example.org/{number})\n\n",
            number + 1
        ));
        file.push_str(&text);
        file.push_str("\n\n=========================================\n\n");
    }
    check("twenty licences", file.as_bytes(), &ids);
}
