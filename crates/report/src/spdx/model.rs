//! Models, their ancestors and data sets as packages.

use std::collections::BTreeMap;

use forebear_types::lineage::Hop;
use forebear_types::run::CountedFrom;

use super::Builder;
use super::license::no_assertion;
use super::types::{Element, Entry, Node, Package};
use crate::bom::{self, Ancestor, Model};

const MODEL: &str = "ai_AIPackage";

impl Builder<'_> {
    /// A model of the repository with everything that hangs on it; its id.
    pub(super) fn model(&mut self, model: &Model<'_>) -> String {
        let is_main = model.folder.is_root();
        let element = self.element(MODEL, "model");
        let id = element.spdx_id.clone();
        let supplier = bom::group_and_name(&self.run.name).map(|(group, _)| group.to_owned());
        let supplied_by = supplier.map(|group| self.agent(&group));
        let attribution = self.attribution(model);
        self.add(Node::Package(Box::new(Package {
            element: Element { name: Some(model.name.clone()), description: description(model), ..element },
            supplied_by,
            primary_purpose: "model",
            version: bom::revision(self.run),
            copyright: (!model.copyright.is_empty()).then(|| model.copyright.join("\n")),
            attribution,
            type_of_model: type_of_model(model),
            hyperparameters: hyperparameters(model),
            ..Package::default()
        })));
        // The card at the root speaks for the repository; what a model in a folder is under is found, not declared.
        let declared = if is_main { self.declared() } else { (no_assertion(), None) };
        let concluded = self.concluded(model);
        self.relate(&id, "hasDeclaredLicense", vec![declared.0], None, declared.1);
        self.relate(&id, "hasConcludedLicense", vec![concluded.0], None, concluded.1);
        self.datasets(&id, model);
        self.ancestors(&id, &model.ancestors);
        id
    }

    fn datasets(&mut self, model: &str, of: &Model<'_>) {
        let mut ids = Vec::new();
        for name in &of.datasets {
            let element = self.element("dataset_DatasetPackage", "dataset");
            let id = element.spdx_id.clone();
            self.add(Node::Package(Box::new(Package {
                element: Element { name: Some((*name).to_owned()), ..element },
                primary_purpose: "data",
                download_location: bom::dataset_page(name),
                dataset_type: vec!["noAssertion"],
                ..Package::default()
            })));
            self.relate(&id, "hasDeclaredLicense", vec![no_assertion()], None, None);
            self.relate(&id, "hasConcludedLicense", vec![no_assertion()], None, None);
            ids.push(id);
        }
        if !ids.is_empty() {
            let comment = "As the card declares it; forebear did not look at the data.".to_owned();
            self.relate(model, "trainedOn", ids, Some("noAssertion"), Some(comment));
        }
    }

    /// The ancestors, a relationship for each step: `descendantOf` where it is certain, else `other`, which asserts no descent.
    fn ancestors(&mut self, child: &str, ancestors: &[Ancestor<'_>]) {
        let mut steps: BTreeMap<usize, (&Hop, bool, Vec<String>)> = BTreeMap::new();
        for ancestor in ancestors {
            let id = self.ancestor(ancestor);
            let step = steps.entry(ancestor.index).or_insert((ancestor.hop, ancestor.sure, Vec::new()));
            step.2.push(id.clone());
            self.ancestors(&id, &ancestor.ancestors);
        }
        for (hop, sure, to) in steps.into_values() {
            let reasons = |word: &str, reasons: &[forebear_types::lineage::Evidence]| {
                reasons.iter().map(|one| format!("\n{word} {}", bom::evidence(one))).collect::<String>()
            };
            let (kind, mut comment) = match sure {
                true => ("descendantOf", format!("Found by forebear: {}.", bom::standing(hop))),
                false => {
                    ("other", format!("Weak lineage, which asserts no descent: {}.", bom::lineage_note(hop)))
                }
            };
            comment.push_str(&reasons("For:", &hop.because));
            comment.push_str(&reasons("Against:", &hop.against));
            self.relate(child, kind, to, Some("noAssertion"), Some(comment));
        }
    }

    fn ancestor(&mut self, ancestor: &Ancestor<'_>) -> String {
        let model = &ancestor.candidate.model;
        let element = self.element(MODEL, "ancestor");
        let id = element.spdx_id.clone();
        let supplied_by = bom::group_and_name(model.as_str()).map(|(group, _)| self.agent(group));
        self.add(Node::Package(Box::new(Package {
            element: Element { name: Some(model.to_string()), ..element },
            supplied_by,
            primary_purpose: "model",
            version: ancestor.candidate.revision.clone(),
            download_location: bom::page(model),
            package_url: bom::package_url(ancestor.candidate),
            ..Package::default()
        })));
        let copy = self.run.upstream.as_ref().filter(|copy| copy.model == *model);
        let declared = match copy.and_then(|copy| copy.license.clone()) {
            Some(license) => self.of_ancestor(Some(&license)),
            None => no_assertion(),
        };
        let concluded = self.of_ancestor(ancestor.license);
        self.relate(&id, "hasDeclaredLicense", vec![declared], None, None);
        self.relate(&id, "hasConcludedLicense", vec![concluded], None, None);
        id
    }

    /// An organisation or a person, which an id does not tell; its id.
    fn agent(&mut self, name: &str) -> String {
        if let Some(id) = self.agents.get(name) {
            return id.clone();
        }
        let element = Element { name: Some(name.to_owned()), ..self.element("Agent", "agent") };
        let id = element.spdx_id.clone();
        self.agents.insert(name.to_owned(), id.clone());
        self.add(Node::Element(element));
        id
    }
}

/// How many parameters, and how they were quantised.
fn description(model: &Model<'_>) -> Option<String> {
    let mut sentences = Vec::new();
    if let Some(size) = model.size {
        let from = match size.counted_from {
            CountedFrom::Shapes => "the shapes of its tensors",
            CountedFrom::Configuration => "its configuration",
        };
        let (total, active) = (size.parameters.total, size.parameters.active);
        sentences.push(format!("{total} parameters, {active} active for one token, counted from {from}."));
    }
    if let Some(method) = model.quantisation.and_then(|config| config.method.as_ref()) {
        sentences.push(format!("Quantised: {}.", method.value));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn type_of_model(model: &Model<'_>) -> Vec<String> {
    let Some(config) = model.config else { return Vec::new() };
    let names = config.architectures.iter().chain(&config.model_type).map(|name| name.value.clone());
    let mut found: Vec<String> = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// Dimensions and settings that the configuration states.
fn hyperparameters(model: &Model<'_>) -> Vec<Entry> {
    let Some(config) = model.config else { return Vec::new() };
    config.fields.iter().map(|(field, value)| Entry::new(field.key(), value.value.to_string())).collect()
}
