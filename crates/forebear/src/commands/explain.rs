//! `forebear explain`: a rule, a licence, or a base model.

use std::fmt::Write as _;

use forebear_licenses::terms::{self, Terms};
use forebear_lineage::catalog::Catalog;
use forebear_report::text::models::write_model;
use forebear_rules::RULES;

use super::{models, print_text, text_options};
use crate::catalogs;
use crate::cli::Explain;
use crate::config::{license_id, nearest};
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &Explain) -> Result<Exit, Error> {
    let what = options.what.trim();
    let catalog = catalogs::load(&options.catalogs)?;
    let text = match rule(what).or_else(|| license(what)) {
        Some(text) => text,
        None => model(&catalog, what)?.ok_or_else(|| unknown(&catalog, what))?,
    };
    print_text(&text)?;
    Ok(Exit::Clean)
}

fn rule(name: &str) -> Option<String> {
    forebear_rules::rule(name).map(|rule| rule.docs.to_owned())
}

fn license(name: &str) -> Option<String> {
    let id = license_id(name)?;
    let mut text = format!("# {id}\n");
    if let Some(full) = forebear_licenses::name(&id) {
        let _ = writeln!(text, "\n{full}");
    }
    let Some(terms) = terms::terms(&id) else {
        let _ = writeln!(text, "\nIts duties are not in the tables of this version: read the licence.");
        return Some(text);
    };
    duties(&terms, &mut text);
    Some(text)
}

fn duties(terms: &Terms, text: &mut String) {
    text.push_str("\n## Duties\n\n");
    for term in &terms.duties {
        let _ = writeln!(text, "- {} ({}): {}", term.duty().sentence(), term.clause, term.duty().name());
        if let Some(note) = &term.note {
            let _ = writeln!(text, "  {note}");
        }
    }
    let _ = writeln!(text, "\nSource: {}", terms.source);
}

fn model(catalog: &Catalog, name: &str) -> Result<Option<String>, Error> {
    let Some(model) = models::find(catalog, name) else { return Ok(None) };
    let mut text = Vec::new();
    let written = write_model(&models::page(catalog, model), &text_options(None), &mut text);
    written.map_err(|cause| Error::Write { target: "standard output".to_owned(), cause })?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

fn unknown(catalog: &Catalog, what: &str) -> Error {
    let rules = RULES.iter().map(|rule| rule.id.0);
    let models = catalog.models().map(|model| model.id);
    let near = nearest(what, rules.chain(terms::known()).chain(models));
    Error::Argument {
        message: format!("`{what}` is no rule, licence or base model that forebear knows"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`forebear rules` lists the rules; licences go by SPDX id, models by organisation/name"
                .to_owned(),
        },
    }
}
