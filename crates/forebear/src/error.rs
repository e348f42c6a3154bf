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
    /// Whoever read our output has gone: no error, and nothing left to say.
    #[error("the reader of the output has gone")]
    ClosedPipe,
}

impl Error {
    /// The exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Source { .. } | Self::Config { .. } | Self::Argument { .. } | Self::Write { .. } => {
                Exit::Usage
            }
            Self::ClosedPipe => Exit::Clean,
        }
    }
}
