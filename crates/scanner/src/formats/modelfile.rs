//! Ollama's `Modelfile`: which model it starts from, which adapters it adds, which licence it states.
//!
//! Source of the grammar: Ollama `docs/modelfile.md` and `parser/parser.go`: an instruction is a word at the start of a line, in any
//! case; its value reaches to the end of the line, or from `"` to `"`, or from `"""` to `"""` over lines; `#` at the start of a line
//! begins a comment.

use forebear_types::fact::{FactKind, Modelfile, Problem, ProblemKind, Reading};
use forebear_types::{ByteSpan, Located};

use super::File;

/// Instructions of one kind that are kept; a stage has one `FROM`.
const MOST: usize = 64;

/// Instructions that Ollama knows.
const KNOWN: &[&str] = &[
    "from", "adapter", "license", "template", "system", "parameter", "message", "renderer", "parser",
    "requires",
];

/// Endings of files about modelfiles.
const OTHERS: &[&str] = &["py", "go", "rs", "js", "ts", "sh", "json", "md", "html", "lock", "tmpl", "j2"];

/// Whether a file of this name (in lower case) is a modelfile: `Modelfile`, `Modelfile.q4`, `kaguya.modelfile`.
pub(crate) fn is_modelfile(name: &str) -> bool {
    if name.ends_with(".modelfile") {
        return true;
    }
    let Some(rest) = name.strip_prefix("modelfile") else { return false };
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    rest.is_empty() || (rest.starts_with(['.', '-', '_']) && !OTHERS.contains(&extension))
}

/// Reads the instructions. What is no modelfile (there is no `FROM`) is a problem.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some(text) = file.text(&mut reading.problems) else { return };
    let mut modelfile = Modelfile::default();
    // Everything but the licences is blanked, so that lines keep their numbers.
    let mut licenses = String::new();
    let mut blanked = 0;
    for instruction in instructions(&text) {
        if let Some(what) = instruction.fault {
            let remedy = "close the quotes";
            let place = Some(instruction.line);
            reading.problems.push(Problem {
                line: place,
                ..file.problem(ProblemKind::Malformed, what.to_owned(), remedy)
            });
        }
        let located = || Located {
            value: instruction.value.trim().to_owned(),
            line: instruction.line,
            span: instruction.span,
        };
        let list = match instruction.name.as_str() {
            "from" => &mut modelfile.from,
            "adapter" => &mut modelfile.adapters,
            "license" => {
                let begin = instruction.begin;
                let before = &text[blanked..begin];
                licenses.extend(before.bytes().filter(|byte| *byte == b'\n').map(char::from));
                licenses.push_str(instruction.value);
                blanked = begin + instruction.value.len();
                continue;
            }
            _ => continue,
        };
        if list.len() < MOST && !instruction.value.trim().is_empty() {
            list.push(located());
        }
    }
    if modelfile.from.is_empty() {
        let what = "the modelfile has no FROM: it says nothing of the model it starts from".to_owned();
        let remedy = "name the model in a line `FROM …`";
        reading.problems.push(file.problem(ProblemKind::Malformed, what, remedy));
    }
    modelfile.recognition = forebear_licenses::recognise(&licenses);
    modelfile.text = text;
    reading.facts.push(file.fact(FactKind::Modelfile(modelfile)));
}

struct Instruction<'a> {
    /// In lower case.
    name: String,
    /// Without its quotes.
    value: &'a str,
    /// Where the value begins.
    begin: usize,
    /// From the instruction's word to the end of its value.
    span: ByteSpan,
    line: u32,
    fault: Option<&'static str>,
}

fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let rest = &text[at..];
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let this = &rest[..length];
        let word = this.split_whitespace().next().unwrap_or_default();
        let known = KNOWN.iter().find(|known| word.eq_ignore_ascii_case(known));
        let Some(name) = known else {
            at += length;
            line += 1;
            continue;
        };
        let start = at + (this.len() - this.trim_start().len());
        let after = start + word.len();
        let value_start =
            after + (text[after..at + length].len() - text[after..at + length].trim_start().len());
        let value_start = value_start.min(at + length);
        let rest = &text[value_start..];
        let quoted = ["\"\"\"", "\""].iter().find_map(|mark| Some((*mark, rest.strip_prefix(mark)?)));
        // `MESSAGE user "…"` and `PARAMETER stop "…"` hold a word before the quotes; their values are not needed, but a value
        // over lines must not be read as instructions.
        let line_rest = &text[value_start..at + length];
        let later = if quoted.is_none() && matches!(*name, "message" | "parameter") {
            line_rest.find("\"\"\"").map(|mark| ("\"\"\"", &rest[mark + 3..]))
        } else {
            None
        };
        let mut fault = None;
        let (begin, value, end) = match quoted.or(later) {
            Some((mark, inner)) => {
                let begin = text.len() - inner.len();
                match inner.find(mark) {
                    Some(length) => (begin, &inner[..length], begin + length + mark.len()),
                    None => {
                        fault = Some("a quoted text has no end; it was read to the end of the file");
                        (begin, inner, text.len())
                    }
                }
            }
            None => (value_start, line_rest.trim_end(), value_start + line_rest.trim_end().len()),
        };
        found.push(Instruction {
            name: (*name).to_owned(),
            value,
            begin,
            span: ByteSpan { start, len: end.saturating_sub(start) },
            line,
            fault,
        });
        let next = text[end..].find('\n').map_or(text.len(), |more| end + more + 1).max(at + length);
        line += text[at..next].bytes().filter(|byte| *byte == b'\n').count() as u32;
        at = next;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::tests::{read_bytes, read_text};
    use super::*;

    fn of(text: &str) -> Modelfile {
        match read_text("Modelfile", text).facts.into_iter().next().map(|fact| fact.kind) {
            Some(FactKind::Modelfile(file)) => file,
            other => panic!("no modelfile: {other:?}"),
        }
    }

    #[test]
    fn names_decide() {
        for name in ["modelfile", "modelfile.q4", "modelfile-7b", "kaguya.modelfile", "modelfile_q8_0"] {
            assert!(is_modelfile(name), "{name}");
        }
        for name in ["modelfile.py", "modelfiles", "my-modelfile.md", "modelfile_reader.go"] {
            assert!(!is_modelfile(name), "{name}");
        }
    }

    #[test]
    fn instructions_are_read_with_their_places() {
        let text = "# FROM comment\nfrom llama3.2:3b-instruct-q4_K_M\nADAPTER ./lora.gguf\nTEMPLATE \"\"\"{{ .System }}\nFROM inside\n\"\"\"\nSYSTEM \"You are Kaguya.\nFROM inside too\"\nMESSAGE user \"\"\"a\nFROM inside again\"\"\"\nPARAMETER stop \"<|eot|>\"\nFROM hf.co/org/name:Q8_0\nFROM \"./quoted path.gguf\"\n";
        let file = of(text);
        let from: Vec<_> = file.from.iter().map(|from| (from.value.as_str(), from.line)).collect();
        assert_eq!(
            from,
            [("llama3.2:3b-instruct-q4_K_M", 2), ("hf.co/org/name:Q8_0", 12), ("./quoted path.gguf", 13)]
        );
        let span = file.from[0].span;
        assert_eq!(&text[span.start..span.start + span.len], "from llama3.2:3b-instruct-q4_K_M");
        assert_eq!(file.adapters[0].value, "./lora.gguf");
    }

    #[test]
    fn licence_texts_are_recognised_on_their_lines() {
        let mit = forebear_licenses::text(&"MIT".into()).unwrap();
        let text =
            format!("FROM x\nPARAMETER temperature 1\nLICENSE \"\"\"\n{mit}\n\"\"\"\nLICENSE Apache-2.0\n");
        let file = of(&text);
        let found = &file.recognition.licenses[0];
        assert_eq!(found.id, "MIT".into());
        assert!(found.lines.first >= 4, "{:?}", found.lines);
    }

    #[test]
    fn hostile_files_are_problems() {
        let open = read_text("Modelfile", "FROM x\nLICENSE \"\"\"MIT License\nFROM y\n");
        assert_eq!((open.problems.len(), open.problems[0].line), (1, Some(2)));
        assert!(matches!(&open.facts[0].kind, FactKind::Modelfile(file) if file.from.len() == 1));
        assert_eq!(read_text("Modelfile", "").problems.len(), 1);
        assert_eq!(read_text("Modelfile", "FROM\nFROM \n FROM \"\"\n").problems.len(), 1);
        assert_eq!(of(&"FROM x\n".repeat(10_000)).from.len(), MOST);
        for text in
            ["FROM \"", "FROM \"\"\"", "LICENSE", "FROM é\r\nLICENSE \"é", "message \"\"\"", "from\u{2003}x"]
        {
            read_text("Modelfile", text);
        }
        let long = format!("FROM {}", "x".repeat(1 << 20));
        assert_eq!(of(&long).from[0].value.len(), 1 << 20);
        assert!(!read_bytes("Modelfile", b"FROM x\0\xff\n").problems.is_empty());
        assert!(read_bytes("Modelfile", b"\x7fELF\0\0\0\x01\0\0").facts.is_empty());
    }
}
