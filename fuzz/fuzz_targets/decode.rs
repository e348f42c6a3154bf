//! `decode` over bytes of strangers: no panic, and what it says of the bytes holds.
#![no_main]

use forebear_licenses::{Content, Encoding, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let decoded = decode(bytes);
    let Content::Text(encoding) = decoded.content else {
        assert!(decoded.text.is_empty() && decoded.faults == 0, "no text, and yet there is some");
        assert!(!bytes.is_empty(), "an empty file is an empty text");
        return;
    };
    let text = decoded.text.as_str();
    assert!(text.len() <= 3 * bytes.len() + 3, "memory is bounded by the input");
    assert!(decoded.faults <= bytes.len(), "a fault needs a byte");
    assert!(!text.contains('\0'), "NULs are spaces");
    if decoded.faults > 0 {
        return;
    }
    // Without faults nothing is lost: the text gives the bytes again, up to the mark and old Mac line ends.
    let plain = |text: &str| text.replace('\r', "\n");
    let without =
        |marks: &[&[u8]]| marks.iter().find_map(|mark| bytes.strip_prefix(*mark)).unwrap_or(bytes).to_vec();
    match encoding {
        Encoding::Utf8 => {
            let bytes = without(&[b"\xef\xbb\xbf"]);
            assert_eq!(plain(std::str::from_utf8(&bytes).expect("no faults")), plain(text));
        }
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let bytes = without(&[b"\xff\xfe", b"\xfe\xff"]);
            let unit = if encoding == Encoding::Utf16Le { u16::from_le_bytes } else { u16::from_be_bytes };
            let units: Vec<u16> = bytes.chunks(2).map(|pair| unit([pair[0], pair[1]])).collect();
            assert_eq!(plain(&String::from_utf16(&units).expect("no faults")), plain(text));
        }
        Encoding::Utf32Le | Encoding::Utf32Be => {
            let bytes = without(&[b"\xff\xfe\0\0", b"\0\0\xfe\xff"]);
            let unit = if encoding == Encoding::Utf32Le { u32::from_le_bytes } else { u32::from_be_bytes };
            let again: Option<String> = bytes
                .chunks(4)
                .map(|four| char::from_u32(unit([four[0], four[1], four[2], four[3]])))
                .collect();
            assert_eq!(plain(&again.expect("no faults")), plain(text));
        }
        Encoding::Windows1252 | Encoding::Unknown => {
            let bytes = without(&[b"\xef\xbb\xbf"]);
            assert_eq!(text.chars().count(), bytes.len(), "a character for each byte");
            assert!(std::str::from_utf8(&bytes).is_err(), "UTF-8 goes before");
        }
    }
});
