//! `forebear models`: the base models that are known, what is known of one, and an entry for one more.

mod add;
mod show;

use forebear_lineage::catalog::{Catalog, Model};
use forebear_report::json::v1::models as json;
use forebear_report::model::Entry;
use forebear_report::text::models as text;

use super::deliver;
use crate::catalogs;
use crate::cli::{Format, Models, ModelsCommand};
use crate::error::Error;
use crate::exit::Exit;

pub(super) use show::{find, near, page};

pub(super) fn run(options: &Models) -> Result<Exit, Error> {
    match &options.command {
        Some(ModelsCommand::Show(options)) => show::run(options),
        Some(ModelsCommand::Add(options)) => add::run(options),
        None => list(options),
    }
}

fn list(options: &Models) -> Result<Exit, Error> {
    let catalog = catalogs::load(&options.catalogs)?;
    let wanted = options.word.as_deref().unwrap_or_default().trim().to_lowercase();
    let mut models: Vec<&Model> =
        catalog.models().filter(|model| wanted.is_empty() || matches(model, &wanted)).collect();
    models.sort_by_key(|model| model.id.to_lowercase());
    let entries: Vec<Entry> = models.into_iter().map(|model| entry(&catalog, model)).collect();
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_list(&entries, out),
        Format::Text => text::write_list(&entries, look, out),
    })?;
    Ok(if entries.is_empty() { Exit::Nothing } else { Exit::Clean })
}

fn entry(catalog: &Catalog, model: &Model) -> Entry {
    Entry {
        id: model.id.to_owned(),
        developer: model.developer.to_owned(),
        family: model.family.to_owned(),
        released: model.released.map(str::to_owned),
        derived_from: model.derived_from.map(str::to_owned),
        license: license_now(model),
        configuration: if model.config_from_memory { 0 } else { model.config.len() },
        files: catalog.files().filter(|file| file.model.eq_ignore_ascii_case(model.id)).count(),
        added: catalog.is_added(model),
    }
}

/// The licence of the weights that holds now: that of the last period, unless it has ended.
fn license_now(model: &Model) -> Option<String> {
    model.licenses.last().filter(|period| period.until.is_none())?.weights.map(str::to_owned)
}

fn matches(model: &Model, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    holds(model.id)
        || holds(model.developer)
        || holds(model.family)
        || model.aliases.iter().any(|alias| holds(alias))
        || model.model_type.is_some_and(holds)
        || model.licenses.iter().filter_map(|period| period.weights).any(holds)
}
