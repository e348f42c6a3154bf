//! `forebear explain`: a rule, a licence, a base model, or a finding.

mod finding;
mod weigh;

use forebear_licenses::terms;
use forebear_lineage::catalog::Catalog;
use forebear_lineage::twins::twins;
use forebear_report::text::licenses::write_license;
use forebear_report::text::models::{write_model, write_twins};
use forebear_rules::RULES;

use super::{by_fingerprint, licenses, models, print_text, text_options};
use crate::catalogs;
use crate::cli::Explain;
use crate::config::nearest;
use crate::error::Error;
use crate::exit::Exit;

pub(super) fn run(options: &Explain) -> Result<Exit, Error> {
    let what = options.what.trim();
    // A catalog that is wrong is an error whatever is explained.
    let catalog = catalogs::load(&options.target.state.catalogs)?;
    let text = match page(&catalog, what)? {
        Some(text) => text,
        None if by_fingerprint::is_one(what) => finding::account(options, &catalog, what)?,
        None => return Err(unknown(&catalog, what)),
    };
    print_text(&text)?;
    Ok(Exit::Clean)
}

/// The page of a rule, a licence or a model.
fn page(catalog: &Catalog, what: &str) -> Result<Option<String>, Error> {
    if let Some(rule) = forebear_rules::rule(what) {
        return Ok(Some(rule.docs.to_owned()));
    }
    if let Some(text) = license(what)? {
        return Ok(Some(text));
    }
    model(catalog, what)
}

/// The pages of all licences that the name may stand for.
fn license(name: &str) -> Result<Option<String>, Error> {
    let pages = licenses::all_of(name);
    let mut text = Vec::new();
    if pages.len() > 1 {
        let ids: Vec<&str> = pages.iter().map(|page| page.entry.id.as_str()).collect();
        text.extend(format!("`{name}` may stand for each of {}.\n", ids.join(", ")).into_bytes());
    }
    for page in &pages {
        if !text.is_empty() {
            text.push(b'\n');
        }
        written(write_license(page, &text_options(None), &mut text))?;
    }
    Ok((!pages.is_empty()).then(|| String::from_utf8_lossy(&text).into_owned()))
}

/// What is known of a model: ancestors, licences over time, shape twins.
fn model(catalog: &Catalog, name: &str) -> Result<Option<String>, Error> {
    let Some(model) = models::find(catalog, name) else { return Ok(None) };
    let mut text = Vec::new();
    written(write_model(&models::page(catalog, model), &text_options(None), &mut text))?;
    let twins: Option<Vec<String>> = twins(catalog, model)
        .map(|found| found.iter().map(|(developer, twin)| format!("{} ({developer})", twin.id)).collect());
    written(write_twins(twins.as_deref(), &text_options(None), &mut text))?;
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

fn written(outcome: std::io::Result<()>) -> Result<(), Error> {
    outcome.map_err(|cause| Error::Write { target: "standard output".to_owned(), cause })
}

fn unknown(catalog: &Catalog, what: &str) -> Error {
    let rules = RULES.iter().map(|rule| rule.id.0);
    let models = catalog.models().map(|model| model.id);
    let near = nearest(what, rules.chain(terms::known()).chain(models));
    Error::Argument {
        message: format!("`{what}` is no rule, licence, base model or fingerprint that forebear knows"),
        help: match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`forebear rules` lists the rules, `forebear licenses` the licences, `forebear models` the models; a fingerprint \
                     has 32 hexadecimal digits, of which the first 8 are enough"
                .to_owned(),
        },
    }
}
