//! The same small vocabulary in every format, and files that are none.

use forebear_types::fact::{FactKind, Reading, Tokenizer, TokenizerKind};

use crate::formats::tests::{read_bytes, read_text};

fn tokenizer(reading: &Reading) -> &Tokenizer {
    match reading.facts.first().map(|fact| &fact.kind) {
        Some(FactKind::Tokenizer(tokenizer)) => tokenizer,
        other => panic!("no tokenizer: {other:?}, {:?}", reading.problems),
    }
}

fn clean(path: &str, bytes: &[u8]) -> Tokenizer {
    let reading = read_bytes(path, bytes);
    assert_eq!(reading.problems, [], "{path}");
    tokenizer(&reading).clone()
}

fn problems(reading: &Reading) -> Vec<(&str, Option<u32>)> {
    reading.problems.iter().map(|problem| (problem.what.as_str(), problem.line)).collect()
}

/// Words as the byte-level alphabet writes them, after an end-of-text token.
fn byte_level(words: &[&str]) -> String {
    let entries: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(id, word)| format!("{:?}: {}", word.replace(' ', "\u{120}"), id + 1))
        .collect();
    entries.join(",\n")
}

fn tokenizer_json(words: &[&str]) -> String {
    format!(
        "{{\"version\": \"1.0\",\n\"added_tokens\": [{{\"id\": 0, \"content\": \"<|end|>\", \"special\": true}}],\n\
         \"model\": {{\"type\": \"BPE\", \"continuing_subword_prefix\": null, \"vocab\": {{\"<|end|>\": 0,\n{}}},\n\
         \"merges\": [\"\u{120} a\", \"a b\"]}}}}",
        byte_level(words)
    )
}

/// A sentencepiece model: pieces with their types.
fn sentencepiece(pieces: &[(&str, u8)]) -> Vec<u8> {
    let mut model = Vec::new();
    for (text, kind) in pieces {
        let mut piece = vec![0x0a, text.len() as u8];
        piece.extend_from_slice(text.as_bytes());
        piece.extend_from_slice(&[0x15, 0, 0, 0x80, 0xbf]);
        if *kind != 1 {
            piece.extend_from_slice(&[0x18, *kind]);
        }
        model.extend_from_slice(&[0x0a, piece.len() as u8]);
        model.extend(piece);
    }
    // A trainer specification, which is not read.
    model.extend_from_slice(&[0x12, 3, 1, 2, 3]);
    model
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
        text.push_str(&"==="[..3 - three.len()]);
    }
    text
}

const WORDS: &[&str] = &["a", " a", "b", " caf\u{c3}\u{a9}", "ab", "\u{10a}"];

/// The bytes that `WORDS` stand for.
const BYTES: &[&[u8]] = &[b"a", b" a", b"b", b" caf\xc3\xa9", b"ab", b"\n"];

#[test]
fn one_vocabulary_gives_one_sketch_in_every_format() {
    let from_json = clean("tokenizer.json", tokenizer_json(WORDS).as_bytes());
    assert_eq!((from_json.tokens, from_json.merges, from_json.added.len()), (Some(6), Some(2), 1));
    assert_eq!(from_json.first_merges, None, "fewer than 50");
    let sketch = from_json.sketch.unwrap();
    let ids: Vec<u32> = {
        let mut ids: Vec<u32> = sketch.sample.iter().map(|(_, id)| *id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids, [1, 2, 3, 4, 5, 6]);

    let vocabulary = clean("vocab.json", format!("{{{}}}", byte_level(WORDS)).as_bytes());
    assert_eq!(vocabulary.sketch.as_ref(), Some(&sketch));

    let pieces = sentencepiece(&[
        ("<unk>", 2),
        ("a", 1),
        ("\u{2581}a", 1),
        ("b", 1),
        ("\u{2581}caf\u{e9}", 1),
        ("ab", 1),
        ("<0x0A>", 6),
        ("<user>", 4),
        ("<unused>", 5),
    ]);
    let model = clean("tokenizer.model", &pieces);
    assert_eq!(model.kind, TokenizerKind::SentencePiece);
    assert_eq!(model.sketch.as_ref(), Some(&sketch));
    let added: Vec<_> =
        model.added.iter().map(|token| (token.id, token.text.as_str(), token.special)).collect();
    assert_eq!(added, [(Some(0), "<unk>", true), (Some(7), "<user>", false), (Some(8), "<unused>", true)]);

    let ranks: String =
        BYTES.iter().enumerate().map(|(rank, bytes)| format!("{} {}\n", base64(bytes), rank + 1)).collect();
    for name in ["qwen.tiktoken", "tokenizer.model"] {
        let tiktoken = clean(name, ranks.as_bytes());
        assert_eq!((tiktoken.kind, tiktoken.sketch.as_ref()), (TokenizerKind::Tiktoken, Some(&sketch)));
    }

    let entry = |(rank, bytes): (usize, &&[u8])| {
        format!("{{\"rank\": {rank}, \"token_bytes\": \"{}\", \"token_str\": null}}", base64(bytes))
    };
    let entries: Vec<String> = BYTES.iter().chain(&[&b"unused"[..]]).enumerate().map(entry).collect();
    let config = "\"config\": {\"default_vocab_size\": 7, \"default_num_special_tokens\": 1}";
    let special = "\"special_tokens\": [{\"rank\": 0, \"token_str\": \"<unk>\", \"is_control\": true}]";
    for order in [
        format!("{{{config}, \"vocab\": [{}], {special}}}", entries.join(",")),
        format!("{{{special}, \"vocab\": [{}], {config}}}", entries.join(",")),
    ] {
        let tekken = clean("tekken.json", order.as_bytes());
        assert_eq!(tekken.sketch.as_ref(), Some(&sketch), "only six of seven are in use");
        assert_eq!(tekken.added[0].text, "<unk>");
    }
}

#[test]
fn word_pieces_compare_with_their_tokenizer_json() {
    let list = clean("vocab.txt", b"[PAD]\n[unused0]\n[UNK]\nthe\n##s\nof\n");
    assert_eq!((list.tokens, list.added.len()), (Some(3), 2));
    let vocabulary = r#""vocab": {"[PAD]": 0, "[unused0]": 1, "[UNK]": 2, "the": 3, "\u0023#s": 4, "of": 5}"#;
    let added = r###""added_tokens": [{"id": 0, "content": "[PAD]"}, {"id": 2, "content": "[UNK]"}]"###;
    for text in [
        format!(r#"{{{added}, "model": {{"type": "WordPiece", {vocabulary}}}}}"#),
        // Older files name no type, and nothing forces the order.
        format!(r###"{{"model": {{{vocabulary}, "continuing_subword_prefix": "##"}}, {added}}}"###),
    ] {
        let json = clean("tokenizer.json", text.as_bytes());
        assert_eq!(json.sketch, list.sketch, "{text}");
        assert_eq!(json.added.len(), 2);
    }
    assert!(read_text("vocab.txt", "apple\npear\n").facts.is_empty(), "a word list is no tokenizer");
}

#[test]
fn merges_are_counted_and_the_first_ones_hashed_in_both_spellings() {
    let texts: Vec<String> = (0..60).map(|number| format!("\"a{number} b\"")).collect();
    let pairs: Vec<String> = (0..60).map(|number| format!("[\"a{number}\", \"b\"]")).collect();
    let of = |merges: &[String]| {
        let text = format!("{{\"model\": {{\"vocab\": {{\"a\": 0}}, \"merges\": [{}]}}}}", merges.join(","));
        clean("tokenizer.json", text.as_bytes())
    };
    let (old, new) = (of(&texts), of(&pairs));
    assert_eq!((old.merges, old.first_merges), (Some(60), new.first_merges));
    assert!(old.first_merges.is_some());
    let lines: String = (0..60).map(|number| format!("a{number} b\r\n")).collect();
    let list = clean("merges.txt", format!("#version: 0.2\r\n{lines}").as_bytes());
    assert_eq!((list.merges, list.first_merges, list.tokens), (Some(60), old.first_merges, None));
    assert_eq!(list.sketch, None);
    let odd = read_text("merges.txt", "a b\nabc\na b c\n");
    assert_eq!(tokenizer(&odd).merges, Some(1));
    assert_eq!(
        problems(&odd),
        [("lines that are not two tokens and a space: 2, the first at byte 4", Some(2))]
    );
}

#[test]
fn a_unigram_vocabulary_numbers_its_tokens_by_order() {
    let text = r#"{"added_tokens": [{"id": 0, "content": "<unk>", "special": true}],
        "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["\u2581a", -3.5], ["b", -4]]}}"#;
    let unigram = clean("tokenizer.json", text.as_bytes());
    let model = clean("spiece.model", &sentencepiece(&[("<unk>", 2), ("\u{2581}a", 1), ("b", 1)]));
    assert_eq!(unigram.sketch, model.sketch);
}

#[test]
fn faults_are_counted_with_the_place_of_the_first() {
    let text = "{\"model\": {\"vocab\": {\"a\": 0,\n\"b\": -1, \"c\": 4294967296,\n\"d\": \"x\", \"e\": 1e99, \"f\": [[[1]]],\n\
        \"g\": 1,\n\"a\": 2, \"h\": 1},\n\"merges\": [\"a b\", 3, {\"x\": [1]}, [\"a\"], [\"a\", \"b\", \"c\"]]}}";
    let reading = read_text("tokenizer.json", text);
    let tokenizer = tokenizer(&reading);
    assert_eq!((tokenizer.tokens, tokenizer.merges), (Some(4), Some(1)));
    let found = problems(&reading);
    assert_eq!(found.len(), 4, "{found:?}");
    let ids = "tokens without an id from 0 to 4,294,967,295: 5, the first at byte";
    assert!(found[0].0.starts_with(ids) && found[0].1 == Some(2), "{found:?}");
    assert!(found[1].0.starts_with("tokens that stand twice in the vocabulary: 1") && found[1].1 == Some(5));
    assert!(found[2].0.starts_with("tokens with the id of another one: 1") && found[2].1 == Some(5));
    assert!(
        found[3].0.starts_with("merges that are not two tokens: 4") && found[3].1 == Some(6),
        "{found:?}"
    );
}

#[test]
fn a_cut_file_keeps_what_came_before_the_cut() {
    let text = tokenizer_json(WORDS);
    let cut = &text[..text.find("\"merges\"").unwrap()];
    let reading = read_text("tokenizer.json", cut);
    assert_eq!(tokenizer(&reading).tokens, Some(6));
    assert_eq!(
        problems(&reading),
        [("the file ends in the middle (column 0); 7 tokens before were read", Some(10))]
    );
    for end in 0..text.len() {
        let reading = read_bytes("tokenizer.json", &text.as_bytes()[..end]);
        assert!(!reading.problems.is_empty(), "{end}");
    }
    let model = sentencepiece(&[("a", 1), ("b", 1)]);
    let reading = read_bytes("tokenizer.model", &model[..model.len() - 7]);
    assert_eq!(tokenizer(&reading).tokens, Some(1));
    assert!(problems(&reading)[0].0.contains("beyond the end of the file"));
    assert_eq!(problems(&read_text("tokenizer.json", "{}")).len(), 1);
    assert_eq!(problems(&read_text("tokenizer.model", "what is this")).len(), 1);
    assert_eq!(problems(&read_text("vocab.json", "[1, 2]")).len(), 1);
}

#[test]
fn hostile_files_end_in_bounded_time_and_space() {
    let deep = "[".repeat(1 << 20);
    let nested = format!("{{\"model\": {{\"vocab\": {deep}");
    let many_models = format!("{{{}\"x\": 1}}", "\"model\": {\"vocab\": {\"a\": 1}},".repeat(1000));
    for text in [deep.as_str(), &nested, &many_models, "{\"added_tokens\": 3, \"model\": [1, {}]}"] {
        assert!(!read_text("tokenizer.json", text).problems.is_empty());
        assert!(!read_text("tekken.json", text).problems.is_empty());
        assert!(!read_text("vocab.json", text).problems.is_empty());
    }
    // Lengths, counts and types that a message does not have.
    for bytes in [
        &b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"[..],
        b"\x0a\x03\x0a\x01a\x0a\xff\xff\xff\xff\x7f",
        b"\x0a\x03\x0a\x01a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
        b"\x0a\x03\x0a\x01a\x0b",
        b"\x0a\x03\x0a\x01a\x0a\x02\x18",
    ] {
        assert_eq!(read_bytes("tokenizer.model", bytes).problems.len(), 1, "{bytes:x?}");
    }
    let long =
        format!("{{\"added_tokens\": [{{\"id\": 1, \"content\": \"{}\"}}]}}", "\u{e9}".repeat(1 << 20));
    assert_eq!(clean("tokenizer.json", long.as_bytes()).added[0].text.len(), 512, "cut between characters");
    let lone = clean("vocab.json", br#"{"\ud800": 0, "\udc00x": 1, "a": 2}"#);
    assert_eq!(lone.tokens, Some(3), "Python writes lone surrogates");
}

#[test]
fn broken_lines_of_ranks_are_faults() {
    let reading = read_text("a.tiktoken", "YQ== 0\nYg==\n!! 1\nYw== 4294967296\nZA== 0\n");
    assert_eq!(tokenizer(&reading).tokens, Some(2));
    assert_eq!(
        problems(&reading),
        [
            ("lines that are not base64, a space and a rank: 3, the first at byte 7", Some(2)),
            ("tokens with the id of another one: 1, the first at byte 33", Some(5)),
        ]
    );
}

#[test]
fn a_pointer_is_a_fact_and_says_what_was_not_examined() {
    let oid = "6e4c38e1172f42fdbff13edf9a7a017679fb82b0fde415a3e8b3c31c6ed4a4e4";
    let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 17209920\n");
    let reading = read_text("tokenizer.json", &text);
    assert!(matches!(reading.facts[0].kind, FactKind::Pointer(_)));
    assert_eq!(
        problems(&reading)[0].0,
        "the file is a Git LFS pointer; the vocabulary behind it was not examined"
    );
}
