//! What can go wrong before there is a verdict. Everything that goes wrong later is a `Problem` in the report.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};

use crate::exit::Exit;

/// An error that ends the run.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum Error {
    /// The source cannot be opened.
    #[error("{message}")]
    Source {
        /// What happened, and where.
        message: String,
        /// What to do next.
        #[help]
        help: String,
    },
    /// `forebear.toml` is wrong.
    #[error("{message}")]
    #[diagnostic(code(configuration))]
    Config {
        /// What is wrong.
        message: String,
        /// What to do next.
        #[help]
        help: String,
        /// The file.
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        /// The place.
        #[label("here")]
        span: Option<SourceSpan>,
    },
    /// An argument is wrong in a way that clap cannot see.
    #[error("{message}")]
    Argument {
        /// What is wrong.
        message: String,
        /// What to do next.
        #[help]
        help: String,
    },
    /// The report cannot be written.
    #[error("cannot write the report to {target}: {cause}")]
    #[diagnostic(help("check that the folder exists and that you may write there"))]
    Write {
        /// File, or "standard output".
        target: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A fix cannot be written.
    #[error("cannot write {path}: {cause}")]
    #[diagnostic(help("{}", fix_help(written)))]
    Fix {
        /// The file.
        path: String,
        /// Files that were written before.
        written: Vec<String>,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Whoever read our output has gone: no error, and nothing left to say.
    #[error("the reader of the output has gone")]
    ClosedPipe,
}

fn fix_help(written: &[String]) -> String {
    match written {
        [] => "nothing was changed; give yourself the right to write there".to_owned(),
        written => format!("already written: {}; give yourself the right to write there", written.join(", ")),
    }
}

impl Error {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Source { .. }
            | Self::Config { .. }
            | Self::Argument { .. }
            | Self::Write { .. }
            | Self::Fix { .. } => Exit::Usage,
            Self::ClosedPipe => Exit::Clean,
        }
    }
}
