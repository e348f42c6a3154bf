//! `forebear man`: the manual pages, from the definition of the command line.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::print_text;
use crate::cli::{self, Arguments};
use crate::config::nearest;
use crate::error::Error;
use crate::exit::Exit;
use crate::whole_file;

pub(super) fn run(options: &cli::Man) -> Result<Exit, Error> {
    let mut root = Arguments::command();
    root.build();
    match &options.output {
        Some(folder) => write_all(&root, folder)?,
        None => print_text(&String::from_utf8_lossy(&page(&named(&root, &options.command)?)))?,
    }
    Ok(Exit::Clean)
}

/// The command of a name such as `licenses identify`.
fn named(root: &clap::Command, names: &[String]) -> Result<clap::Command, Error> {
    let mut command = root;
    for name in names {
        let below = || command.get_subcommands().map(clap::Command::get_name);
        command = command.find_subcommand(name).ok_or_else(|| Error::Argument {
            message: format!("`{}` has no command `{name}`", command.get_name()),
            help: match nearest(name, below()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", below().collect::<Vec<_>>().join(", ")),
            },
        })?;
    }
    Ok(command.clone())
}

/// One page, in roff. Its name is that under which `man` finds it: `forebear-licenses-identify`.
fn page(command: &clap::Command) -> Vec<u8> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let mut page = Vec::new();
    // A vector takes whatever is written.
    let man = Man::new(command.clone()).title(name.to_uppercase());
    let _ = man.source(concat!("forebear ", env!("CARGO_PKG_VERSION"))).manual("forebear").render(&mut page);
    page
}

fn write_all(root: &clap::Command, folder: &Path) -> Result<(), Error> {
    let mut waiting = vec![root];
    while let Some(command) = waiting.pop() {
        // Every command has a `help` of its own, which has no page.
        waiting.extend(command.get_subcommands().filter(|below| below.get_name() != "help"));
        let name = command.get_display_name().unwrap_or_else(|| command.get_name());
        let file = folder.join(format!("{name}.1"));
        whole_file::write(&file, &page(command))
            .map_err(|cause| Error::Write { target: file.display().to_string(), cause })?;
    }
    Ok(())
}
