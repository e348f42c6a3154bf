//! `forebear notice`: the attribution notice that is owed, for the whole chain.

use std::collections::BTreeMap;

use forebear_rules::notice::place;

use super::{deliver_as, for_reader, request, warn};
use crate::cli::Notice;
use crate::error::Error;
use crate::exit::Exit;
use crate::fix::{self, Plan};
use crate::pipeline::{examine_over, found_nothing};

pub(super) fn run(options: &Notice) -> Result<Exit, Error> {
    let mut request = request(&options.target)?;
    request.upstream = options.upstream.clone();
    let examination = examine_over(&request, &BTreeMap::new())?;
    let (run, notice) = (&examination.run, &examination.notice);
    // Also where there is nothing to write: an index or a commit is a mistake whatever it holds.
    let folder = if options.write { Some(fix::folder(&request, run)?) } else { None };
    for line in &notice.left_out {
        warn(&format!("not in the notice: {line}"));
    }
    if found_nothing(run) {
        return Ok(Exit::Nothing);
    }
    if notice.is_empty() {
        warn("nothing is owed to an ancestor that is certain enough");
        return Ok(Exit::Clean);
    }
    let refused = |message: String| Error::Argument {
        message,
        help: "without --write the notice is printed".to_owned(),
    };
    match folder {
        None => {
            let text = for_reader(place(None, notice).map_err(refused)?.into_bytes(), None);
            deliver_as(None, |_, out| out.write_all(&text))?;
        }
        Some(folder) => {
            let (path, bytes) =
                fix::notice_into(&folder, run, notice, &Plan::default(), true).map_err(refused)?;
            let open = fix::open_statement(&path, &bytes);
            if folder.read(&path).map_err(refused)?.as_deref() == Some(&bytes) {
                warn(&format!("{path} is up to date"));
            } else {
                fix::write(&folder, &BTreeMap::from([(path.clone(), bytes)]))?;
                warn(&format!("wrote {path}"));
            }
            open.iter().for_each(|line| warn(&format!("left to you: {line}")));
        }
    }
    Ok(Exit::Clean)
}
