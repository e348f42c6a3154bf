//! `forebear models show`: what is known of one base model.

use forebear_lineage::catalog::{self, Catalog, Model};
use forebear_report::json::v1::models as json;
use forebear_report::model::{Ancestor, Field, File, Page, Period, Source};
use forebear_report::text::models as text;

use super::{entry, license_now};
use crate::catalogs;
use crate::cli::{Format, ModelsShow};
use crate::commands::deliver;
use crate::config::nearest;
use crate::error::Error;
use crate::exit::Exit;

/// The longest way to a root that is shown. The lint of the embedded catalog forbids circles; a user's file may have one.
const STEPS: usize = 16;

pub(super) fn run(options: &ModelsShow) -> Result<Exit, Error> {
    let catalog = catalogs::load(&options.catalogs)?;
    let id = options.id.trim();
    let model = find(&catalog, id).ok_or_else(|| unknown(&catalog, id))?;
    let page = page(&catalog, model);
    deliver(&options.reporting, |format, look, out| match format {
        Format::Json => json::write_model(&page, out),
        Format::Text => text::write_model(&page, look, out),
    })?;
    Ok(Exit::Clean)
}

/// A model by its id, an alias, its address on the Hub, or its name without the organisation if only one has it.
pub(in crate::commands) fn find(catalog: &Catalog, wanted: &str) -> Option<&'static Model> {
    let by_name = || {
        let name = |model: &&Model| {
            model.id.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        };
        let mut found = catalog.models().filter(name);
        found.next().filter(|_| found.next().is_none())
    };
    catalog.find(wanted).or_else(by_name)
}

/// The known model whose id is nearest to a misspelt one.
pub(in crate::commands) fn near(catalog: &Catalog, wanted: &str) -> Option<&'static str> {
    let ids: Vec<(String, &str)> =
        catalog.models().map(|model| (model.id.to_ascii_lowercase(), model.id)).collect();
    let folded = wanted.to_ascii_lowercase();
    let short = ids.iter().filter_map(|(id, _)| id.rsplit('/').next());
    let near = nearest(&folded, ids.iter().map(|(id, _)| id.as_str()).chain(short))?;
    let found = ids.iter().find(|(id, _)| id == near || id.rsplit('/').next() == Some(near));
    found.map(|(_, id)| *id)
}

fn unknown(catalog: &Catalog, wanted: &str) -> Error {
    Error::Argument {
        message: format!("the catalog knows no model `{wanted}`"),
        help: match near(catalog, wanted) {
            Some(id) => format!("did you mean `{id}`?"),
            None => "`forebear models` lists the models, `forebear models WORD` those that hold a word; \
                     `forebear models add DIR` writes an entry for one more"
                .to_owned(),
        },
    }
}

/// Everything that the catalog knows of a model.
pub(in crate::commands) fn page(catalog: &Catalog, model: &'static Model) -> Page {
    let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let mut descendants: Vec<String> = catalog
        .models()
        .filter(|other| other.derived_from.is_some_and(|parent| parent.eq_ignore_ascii_case(model.id)))
        .map(|other| other.id.to_owned())
        .collect();
    descendants.sort_unstable();
    Page {
        entry: entry(catalog, model),
        aliases: owned(model.aliases),
        note: model.note.map(str::to_owned),
        parameters: (model.total_billion, model.active_billion),
        ancestors: ancestors(catalog, model),
        descendants,
        licenses: model.licenses.iter().map(period).collect(),
        memory_license: model.memory_license.map(str::to_owned),
        architectures: owned(model.architectures),
        model_type: model.model_type.map(str::to_owned),
        config: model.config.iter().map(|(field, value)| field_of(model, *field, value)).collect(),
        config_from_memory: model.config_from_memory,
        files: catalog
            .files()
            .filter(|file| file.model.eq_ignore_ascii_case(model.id))
            .map(file_of)
            .collect(),
        sources: model.sources.iter().map(source).collect(),
    }
}

fn ancestors(catalog: &Catalog, model: &'static Model) -> Vec<Ancestor> {
    let mut found = Vec::new();
    let mut parent = model.derived_from;
    while let Some(id) = parent.filter(|_| found.len() < STEPS) {
        let known = catalog.find(id);
        found.push(Ancestor {
            id: id.to_owned(),
            developer: known.map(|model| model.developer.to_owned()),
            license: known.and_then(license_now),
        });
        parent = known.and_then(|model| model.derived_from);
    }
    found
}

fn period(period: &catalog::Period) -> Period {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let list = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
    Period {
        from: owned(period.from),
        until: owned(period.until),
        revision: owned(period.revision),
        weights: owned(period.weights),
        code: owned(period.code),
        files: list(period.files),
        use_policy: owned(period.use_policy),
        copyright: list(period.copyright),
        confidence: period.confidence.name().to_owned(),
        source: period.source.to_owned(),
        note: owned(period.note),
    }
}

fn field_of(model: &Model, field: forebear_types::config::ConfigField, value: &catalog::Value) -> Field {
    let conflicts = model.conflicts.iter().filter(|(other, _)| *other == field);
    Field {
        key: field.key().to_owned(),
        value: value.to_string(),
        or: conflicts.map(|(_, value)| value.to_string()).collect(),
        shape: field.is_shape(),
    }
}

fn file_of(file: &catalog::KnownFile) -> File {
    File {
        path: file.file.to_owned(),
        sha256: file.sha256.to_string(),
        bytes: file.bytes,
        component: file.component,
        source: file.source.to_owned(),
        confidence: file.confidence.name().to_owned(),
    }
}

fn source(source: &catalog::Source) -> Source {
    Source {
        claim: source.claim.name().to_owned(),
        keys: source.keys.iter().map(|&key| key.to_owned()).collect(),
        sibling: source.sibling.map(str::to_owned),
        source: source.source.to_owned(),
        confidence: source.confidence.name().to_owned(),
    }
}
