//! Which reports to make, and where they go.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use forebear_report::Format;

use crate::config::nearest;
use crate::error::Error;

/// How to report.
#[derive(Clone, Debug, Default, Args)]
pub struct Reports {
    /// Format of the report [default: text, or what the name of the --output file asks for]
    #[arg(long, value_parser = format(), hide_possible_values = false)]
    pub format: Option<Format>,
    /// Write a report to FILE instead of standard output; may be repeated. The format is the one before the `=`, else that of
    /// --format, else the one that the name of the file asks for (`report.json`); `-` is standard output
    #[arg(long = "output", value_name = "[FORMAT=]FILE", value_parser = OsStringValueParser::new().try_map(|text| Output::parse(&text)))]
    pub outputs: Vec<Output>,
    /// Print the verdict and a line for each finding, and nothing beside the report
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print everything that is known, as for an auditor, and say on standard error what was used
    #[arg(short, long)]
    pub verbose: bool,
}

fn format() -> impl TypedValueParser<Value = Format> {
    let names = Format::all().map(|format| PossibleValue::new(format.name()).help(format.purpose()));
    // The parser takes no other name than those.
    PossibleValuesParser::new(names).map(|name| Format::from_name(&name).unwrap_or(Format::Text))
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Place {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File(file) => Some(file),
        }
    }
}

/// One `--output`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format that it names.
    pub format: Option<Format>,
    /// Where the report goes.
    pub place: Place,
}

impl Output {
    /// `sarif=report.json`, `report.json`, `-`. What stands before a `=` and is no format belongs to the name of the file, unless it
    /// is a format with a slip in it.
    fn parse(text: &OsStr) -> Result<Self, String> {
        let named = text.to_str().and_then(|text| text.split_once('='));
        let format = named.and_then(|(name, _)| Format::from_name(name));
        if format.is_none()
            && let Some((name, _)) = named
            && let Some(near) = nearest(name, Format::all().map(Format::name))
        {
            let file = text.to_string_lossy();
            return Err(format!(
                "`{name}` is no format; did you mean `{near}`? A file of this name is ./{file}"
            ));
        }
        let file = match (format, named) {
            (Some(_), Some((_, file))) => OsStr::new(file),
            _ => text,
        };
        let place = if file == "-" { Place::Stdout } else { Place::File(PathBuf::from(file)) };
        Ok(Self { format, place })
    }

    fn format(&self, stated: Option<Format>) -> Format {
        let by_name = || match &self.place {
            Place::Stdout => None,
            Place::File(file) => Format::of_file(&file.file_name()?.to_string_lossy()),
        };
        self.format.or(stated).or_else(by_name).unwrap_or(Format::Text)
    }
}

impl Reports {
    /// The reports to make, in the order of the command line; one to standard output where no place was named.
    ///
    /// # Errors
    /// If two would be written to one place.
    pub fn wanted(&self) -> Result<Vec<(Format, Place)>, Error> {
        if self.outputs.is_empty() {
            return Ok(vec![(self.format.unwrap_or(Format::Text), Place::Stdout)]);
        }
        let mut wanted: Vec<(Format, Place)> = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            if wanted.iter().any(|(_, place)| *place == output.place) {
                let target = output
                    .place
                    .file()
                    .map_or_else(|| "standard output".to_owned(), |file| file.display().to_string());
                return Err(Error::Argument {
                    message: format!("two reports would go to {target}"),
                    help: "give each --output a file of its own".to_owned(),
                });
            }
            wanted.push((output.format(self.format), output.place.clone()));
        }
        Ok(wanted)
    }

    /// The file of the only output, for what is not a report (`--diff`).
    pub fn only_file(&self) -> Option<&Path> {
        self.outputs.first().and_then(|output| output.place.file())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(format: Option<Format>, outputs: &[&str]) -> Reports {
        let outputs = outputs.iter().map(|text| Output::parse(OsStr::new(text)).unwrap()).collect();
        Reports { format, outputs, ..Reports::default() }
    }

    #[test]
    fn a_format_is_named_stated_or_told_by_the_file() {
        let wanted = |format, outputs: &[&str]| -> Vec<Format> {
            reports(format, outputs).wanted().unwrap().into_iter().map(|(format, _)| format).collect()
        };
        assert_eq!(wanted(None, &[]), [Format::Text]);
        assert_eq!(wanted(Some(Format::Json), &[]), [Format::Json]);
        assert_eq!(
            wanted(None, &["a.json", "text=-", "svg=b.json", "c"]),
            [Format::Json, Format::Text, Format::Svg, Format::Text]
        );
        assert_eq!(wanted(Some(Format::Json), &["a.svg"]), [Format::Json]);
        let place = |text: &str| Output::parse(OsStr::new(text)).map(|output| output.place);
        assert_eq!(place("a=b.json"), Ok(Place::File("a=b.json".into())));
        assert!(place("jso=b").unwrap_err().contains("did you mean `json`"));
        assert_eq!(place("./jso=b"), Ok(Place::File("./jso=b".into())));
    }

    #[test]
    fn two_reports_do_not_go_to_one_place() {
        assert!(reports(None, &["a.json", "json=a.json"]).wanted().is_err());
        assert!(reports(None, &["-", "json=-"]).wanted().is_err());
    }
}
