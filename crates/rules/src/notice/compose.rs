//! From hops and obligations to the notice.

use forebear_licenses::terms::{Ask, same_text, terms};
use forebear_types::fact::{FactKind, LegalFile, LegalRole, Scope};
use forebear_types::lineage::{Hop, Strength};
use forebear_types::obligation::{Answer, Artefact, Creditor, Duty, Obligation};
use forebear_types::upstream::UpstreamComparison;
use forebear_types::{LicenseId, ModelId, RepoPath};

use super::by_hand::{addresses, by_hand, is_license};
use super::section::holds_marks;
use super::{Body, Copied, Entry, Notice, Terms, Text, filled, holds_section};
use crate::obligations::{Alternative, alternatives, day_of_copy};
use crate::rule::Context;
use crate::satisfaction::same_holders;
use crate::words::candidates_title;

/// The licence states of a hop whose candidates all stand under the same terms.
///
/// # Errors
/// Why nothing may be written on the strength of the hop, one sentence without a full stop.
pub(crate) fn agreed(context: &Context<'_>, hop: &Hop) -> Result<Vec<Alternative>, String> {
    let names: Vec<ModelId> = hop.candidates.iter().map(|candidate| candidate.model.clone()).collect();
    let title = candidates_title(&names);
    if !hop.carries_violation() {
        return Err(format!("{title}: the evidence is no proof; state the base with --base if it is true"));
    }
    if names.iter().any(|name| name.as_str() == UpstreamComparison::NAMELESS) {
        return Err(format!("{title}: nothing tells whose copy it is; name it with --base"));
    }
    if context.presents_itself_as(hop) {
        return Err(format!("{title}: the repository presents itself as that model"));
    }
    if context.of_a_program(hop) || context.bare_configuration(hop) {
        return Err(format!("{title}: there is nothing but a configuration, without weights or a card"));
    }
    let several = hop.candidates.len() > 1;
    let (known, unsourced) = alternatives(&context.input, hop, &day_of_copy(&context.input));
    let Some((first, rest)) = known.split_first().filter(|_| unsourced.is_empty()) else {
        return Err(if several {
            format!("{title}: the licences of some are not known; name the one that was used with --base")
        } else {
            format!("{title}: its licence is not known here; state it under [[upstream]] in forebear.toml")
        });
    };
    let same = |other: &Alternative| {
        other.weights == first.weights
            && other.code == first.code
            && (same_holders(&other.owners, &first.owners)
                || other.owners.is_empty()
                || first.owners.is_empty())
    };
    match (rest.iter().all(same), several) {
        (true, _) => Ok(known),
        (false, true) => {
            Err(format!("{title}: their licences differ; name the one that was used with --base"))
        }
        (false, false) => Err(format!(
            "{title}: its licence changed, and nothing tells which state was copied; state it under [[upstream]] in \
             forebear.toml"
        )),
    }
}

/// What is owed to all ancestors that are certain enough.
pub(crate) fn compose(context: &Context<'_>) -> Notice {
    let mut notice = Notice::default();
    if !context.holds_model() {
        return notice;
    }
    for (index, hop) in context.input.lineage.hops.iter().enumerate() {
        let models: Vec<ModelId> = hop.candidates.iter().map(|candidate| candidate.model.clone()).collect();
        if notice.entries.iter().any(|entry| entry.models == models) {
            continue;
        }
        match agreed(context, hop) {
            Ok(known) => {
                let entry = entry(context, index, hop, models, &known);
                texts(context, index, hop, &entry, &mut notice);
                notice.entries.push(entry);
            }
            // A hint is no ancestor that anybody would look for.
            Err(_) if hop.strength == Strength::Circumstantial => {}
            Err(why) => notice.left_out.push(why),
        }
    }
    fill(context, &mut notice);
    by_hand(context, &mut notice);
    notice
}

fn entry(
    context: &Context<'_>,
    index: usize,
    hop: &Hop,
    models: Vec<ModelId>,
    known: &[Alternative],
) -> Entry {
    let mut entry = Entry {
        revision: match hop.candidates.as_slice() {
            // A name of git's has no spaces and no control characters; what has some is no revision.
            [only] => only.revision.clone().filter(|name| name.bytes().all(|byte| byte.is_ascii_graphic())),
            _ => None,
        },
        through: hop.child.clone(),
        relation: hop.relation,
        licenses: Vec::new(),
        copyright: Vec::new(),
        lines: Vec::new(),
        notices: notices(context, &models),
        models,
    };
    for owner in known.iter().flat_map(|alternative| &alternative.owners) {
        add(&mut entry.copyright, owner);
    }
    let named = |id: &ModelId| entry.models.iter().any(|model| id.same_as(model.as_str()));
    let stated = context.input.stated.iter().filter(|base| base.model.as_ref().is_some_and(named));
    for owner in stated.flat_map(|base| &base.copyright) {
        add(&mut entry.copyright, owner);
    }
    if let Some(first) = known.first() {
        entry.licenses.push(license(&first.weights, Artefact::Weights));
    }
    for obligation in owed(context, index) {
        let licenses = &mut entry.licenses;
        let at = licenses.iter().position(|known| known.id == obligation.license).unwrap_or_else(|| {
            licenses.push(license(&obligation.license, obligation.artefact));
            licenses.len() - 1
        });
        let asked = (obligation.duty, obligation.clause.clone());
        if !licenses[at].asks.contains(&asked) {
            licenses[at].asks.push(asked);
        }
        match obligation.duty {
            Duty::KeepCopyrightNotice => {
                obligation.subject.lines().for_each(|line| add(&mut entry.copyright, line));
            }
            Duty::PrescribedNoticeLine if !has_blanks(obligation) => {
                add(&mut entry.lines, &obligation.subject);
            }
            _ => {}
        }
    }
    // Some licences prescribe the owner's line itself.
    let lines = &entry.lines;
    entry.copyright.retain(|owner| !lines.contains(owner));
    entry
}

/// What a hop's licences ask for certain.
pub(super) fn owed<'c>(context: &'c Context<'_>, index: usize) -> impl Iterator<Item = &'c Obligation> {
    context.obligations.iter().filter(move |obligation| {
        obligation.certain && matches!(obligation.creditor, Creditor::Ancestor { hop, .. } if hop == index)
    })
}

fn license(id: &LicenseId, artefact: Artefact) -> Terms {
    let title = forebear_licenses::name(id)
        .map(str::to_owned)
        .or_else(|| terms(id).map(|terms| terms.title))
        .unwrap_or_default();
    Terms { id: id.clone(), title, artefact, asks: Vec::new() }
}

/// Whether a prescribed line has a part that only a person can fill in.
pub(crate) fn has_blanks(obligation: &Obligation) -> bool {
    terms(&obligation.license).is_some_and(|terms| {
        terms.of(obligation.duty).any(|term| match &term.ask {
            Ask::NoticeLine(ask) => ask.line == obligation.subject && !ask.blanks.is_empty(),
            Ask::Display(ask) => {
                term.ask.prescribed() == Some(obligation.subject.as_str()) && !ask.blanks.is_empty()
            }
            _ => false,
        })
    })
}

pub(super) fn add(lines: &mut Vec<String>, line: &str) {
    if !line.is_empty() && !lines.iter().any(|known| known == line) {
        lines.push(line.to_owned());
    }
}

/// The texts that a hop's licences ask to include, without their words: those depend on all ancestors under the licence.
fn texts(context: &Context<'_>, index: usize, hop: &Hop, entry: &Entry, notice: &mut Notice) {
    for obligation in owed(context, index).filter(|one| one.duty == Duty::IncludeLicenseText) {
        let known = notice.texts.iter_mut().find(|text| same_text(&text.id, &obligation.license));
        match known {
            Some(text) => text.models.extend(entry.models.iter().cloned()),
            None => {
                let license = license(&obligation.license, obligation.artefact);
                let addresses = hop
                    .candidates
                    .first()
                    .map(|candidate| addresses(context, candidate, is_license))
                    .unwrap_or_default();
                notice.texts.push(Text {
                    id: license.id,
                    title: license.title,
                    models: entry.models.clone(),
                    body: elsewhere(context, obligation).unwrap_or(Body::Elsewhere(addresses)),
                });
            }
        }
    }
}

/// Another file that holds the text already, or a link where one is enough.
fn elsewhere(context: &Context<'_>, obligation: &Obligation) -> Option<Body> {
    let other = obligation.satisfied_by.iter().filter(|_| obligation.answer == Answer::Met).find(|place| {
        context
            .documents
            .iter()
            .any(|document| *document.path == place.path && !holds_section(document.text()))
    });
    if let Some(place) = other {
        return Some(Body::Here(place.path.clone()));
    }
    let terms = terms(&obligation.license)?;
    let links = terms.of(Duty::IncludeLicenseText).find_map(|term| match &term.ask {
        Ask::LicenseText(ask) if crate::satisfaction::link_will_do(term) => ask.links.first(),
        _ => None,
    })?;
    Some(Body::Link(format!("https://{links}")))
}

/// Fills in the words of the texts, now that all owners are known.
fn fill(context: &Context<'_>, notice: &mut Notice) {
    for text in &mut notice.texts {
        if !matches!(text.body, Body::Elsewhere(_)) {
            continue;
        }
        let mut owners = Vec::new();
        for entry in notice.entries.iter().filter(|entry| text.models.contains(&entry.models[0])) {
            entry.copyright.iter().for_each(|line| add(&mut owners, line));
        }
        let full = filled(&text.id, &owners, false)
            .or_else(|| upstream_text(context, &text.models, &text.id).map(|file| file.text.to_string()));
        if let Some(full) = full.filter(|full| !holds_marks(full)) {
            text.body = Body::Full(full);
        }
    }
}

/// The legal files of the local copy, if it is a copy of one of these models.
fn upstream_files<'a>(
    context: &Context<'a>,
    models: &'a [ModelId],
) -> impl Iterator<Item = (&'a RepoPath, &'a LegalFile)> {
    let copy =
        context.input.upstream.filter(|copy| models.iter().any(|model| copy.model.same_as(model.as_str())));
    copy.map_or(&[][..], |copy| copy.facts).iter().filter_map(|fact| match &fact.kind {
        FactKind::LegalFile(file) if file.examined && file.scope == Scope::Model => Some((&fact.path, file)),
        _ => None,
    })
}

/// The file of the local copy that holds a licence's text.
pub(crate) fn upstream_text<'a>(
    context: &Context<'a>,
    models: &'a [ModelId],
    license: &LicenseId,
) -> Option<&'a LegalFile> {
    upstream_files(context, models).map(|(_, file)| file).find(|file| {
        file.recognition.licenses.iter().any(|found| found.whole() && same_text(&found.id, license))
    })
}

/// The use policy of the local copy.
pub(crate) fn upstream_policy<'a>(context: &Context<'a>, models: &'a [ModelId]) -> Option<&'a RepoPath> {
    upstream_files(context, models).find(|(_, file)| file.role == LegalRole::UsePolicy).map(|(path, _)| path)
}

fn notices(context: &Context<'_>, models: &[ModelId]) -> Vec<Copied> {
    upstream_files(context, models)
        .filter(|(_, file)| file.role == LegalRole::Notice && !holds_marks(&file.text))
        .map(|(path, file)| Copied { path: path.clone(), text: file.text.to_string() })
        .collect()
}
