//! Models and their ancestors as components.

use std::collections::BTreeSet;

use forebear_types::config::ConfigFields;
use forebear_types::obligation::Creditor;
use forebear_types::run::CountedFrom;
use forebear_types::{LicenseId, Snapshot};

use super::types::{
    Action, Commit, Component, Contents, Copyright, Dataset, Evidence, ExternalReference, ModelCard,
    ModelParameters, Pedigree, Property,
};
use super::{Writer, date_time, ref_of};
use crate::bom::{self, Ancestor, Concluded, Model};

/// What every model is.
const MODEL: &str = "machine-learning-model";

impl Writer<'_> {
    /// A model of the repository.
    pub(super) fn model(&mut self, model: &Model<'_>) -> Component {
        let name = self.refs.take(&ref_of(model));
        let is_main = model.folder.is_root();
        // The card at the root speaks for the repository; what a model in a folder is under is found, not declared.
        let declared = if is_main { bom::declared(self.run) } else { Vec::new() };
        let licenses = self.licenses(&declared, &model.concluded);
        let texts = self.texts(model);
        let copyright: Vec<Copyright> =
            model.copyright.iter().map(|line| Copyright { text: (*line).to_owned() }).collect();
        let evidence =
            (!texts.is_empty() || !copyright.is_empty()).then_some(Evidence { licenses: texts, copyright });
        let mut pedigree = self.pedigree(&model.ancestors, &name);
        if is_main {
            pedigree.commits = self.commits();
        }
        let split = bom::group_and_name(&model.name);
        Component {
            kind: MODEL,
            group: split.map(|(group, _)| group.to_owned()),
            name: split.map_or(model.name.as_str(), |(_, rest)| rest).to_owned(),
            version: bom::revision(self.run),
            licenses,
            pedigree: pedigree.unless_empty(),
            evidence,
            model_card: self.card(model),
            properties: self.obligations(model),
            bom_ref: Some(name),
            ..Component::default()
        }
    }

    fn ancestor(&mut self, ancestor: &Ancestor<'_>, child: &str) -> Component {
        let model = &ancestor.candidate.model;
        let word = if ancestor.sure { "ancestor" } else { "variant" };
        let name = self.refs.take(&format!("{word}:{model}"));
        self.note_need(child, ancestor, &name);
        let concluded = |license: &LicenseId| Concluded { license: license.clone(), because: Vec::new() };
        // Under which licence an ancestor is follows from the catalog or from a copy of it: forebear found it.
        let concluded: Vec<Concluded> = ancestor.license.into_iter().map(concluded).collect();
        let mut properties = vec![Property::new("forebear:lineage:standing", bom::standing(ancestor.hop))];
        properties.push(Property::new("forebear:lineage:strength", ancestor.hop.strength.name()));
        properties.push(Property::new("forebear:lineage:relation", ancestor.hop.relation.name()));
        properties.push(Property::new("forebear:lineage:confidence", ancestor.hop.confidence.name()));
        for (name, reasons) in [
            ("forebear:lineage:evidence", &ancestor.hop.because),
            ("forebear:lineage:evidence-against", &ancestor.hop.against),
        ] {
            properties.extend(reasons.iter().map(|one| Property::new(name, bom::evidence(one))));
        }
        let split = bom::group_and_name(model.as_str());
        let page = bom::page(model).map(|url| ExternalReference { kind: "distribution", url });
        let pedigree = self.pedigree(&ancestor.ancestors, &name);
        Component {
            kind: MODEL,
            group: split.map(|(group, _)| group.to_owned()),
            name: split.map_or(model.as_str(), |(_, rest)| rest).to_owned(),
            version: ancestor.candidate.revision.clone(),
            licenses: self.licenses(&[], &concluded),
            purl: bom::package_url(ancestor.candidate),
            pedigree: pedigree.unless_empty(),
            external_references: page.into_iter().collect(),
            properties,
            bom_ref: Some(name),
            ..Component::default()
        }
    }

    fn pedigree(&mut self, ancestors: &[Ancestor<'_>], child: &str) -> Pedigree {
        let mut pedigree = Pedigree::default();
        let mut notes = Vec::new();
        let mut noted = BTreeSet::new();
        for ancestor in ancestors {
            let component = self.ancestor(ancestor, child);
            if ancestor.sure {
                pedigree.ancestors.push(component);
                continue;
            }
            pedigree.variants.push(component);
            if noted.insert(ancestor.index) {
                notes.push(bom::lineage_note(ancestor.hop));
            }
        }
        pedigree.notes = (!notes.is_empty()).then(|| notes.join("\n"));
        pedigree
    }

    /// The commits that changed a legal text or a declaration, oldest first.
    fn commits(&self) -> Vec<Commit> {
        let mut seen = BTreeSet::new();
        let mut commits = Vec::new();
        for event in self.run.events().filter(|event| event.is_of_head()) {
            let Snapshot::Commit { id, time } = &event.snapshot else { continue };
            if seen.insert(*id) {
                commits.push(Commit {
                    uid: id.to_string(),
                    committer: date_time(*time).map(|timestamp| Action { timestamp }),
                    message: (!event.subject.is_empty()).then(|| event.subject.clone()),
                });
            }
        }
        commits
    }

    fn card(&mut self, model: &Model<'_>) -> Option<ModelCard> {
        let mut datasets = Vec::with_capacity(model.datasets.len());
        for name in &model.datasets {
            datasets.push(Dataset {
                kind: "dataset",
                bom_ref: self.refs.take(&format!("dataset:{name}")),
                name: (*name).to_owned(),
                contents: bom::dataset_page(name).map(|url| Contents { url }),
            });
        }
        let value = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let config = model.config;
        let model_parameters = ModelParameters {
            architecture_family: config
                .and_then(|config| config.model_type.as_ref())
                .and_then(|model_type| value(&model_type.value)),
            model_architecture: config
                .and_then(|config| config.architectures.first())
                .and_then(|architecture| value(&architecture.value)),
            datasets,
        };
        let properties = dimensions(model);
        let is_empty = properties.is_empty()
            && model_parameters.datasets.is_empty()
            && model_parameters.architecture_family.is_none()
            && model_parameters.model_architecture.is_none();
        (!is_empty).then_some(ModelCard { model_parameters, properties })
    }

    /// The duties towards the owners of a model's bases; those of the repository's own licence are the main model's.
    fn obligations(&self, model: &Model<'_>) -> Vec<Property> {
        let concerns = |creditor: &Creditor| match creditor {
            Creditor::Own => model.folder.is_root(),
            Creditor::Ancestor { hop, .. } => {
                self.run.lineage.hops.get(*hop).is_some_and(|hop| hop.subject == model.folder)
            }
        };
        let owed = self.run.obligations.iter().filter(|owed| concerns(&owed.creditor));
        owed.map(|owed| Property::new("forebear:obligation", bom::obligation(owed))).collect()
    }
}

impl Pedigree {
    fn unless_empty(self) -> Option<Self> {
        let is_empty = self.ancestors.is_empty() && self.variants.is_empty() && self.commits.is_empty();
        (!is_empty).then_some(self)
    }
}

/// Sizes, quantisation and dimensions, as far as the files state them.
fn dimensions(model: &Model<'_>) -> Vec<Property> {
    let mut properties = Vec::new();
    if let Some(size) = model.size {
        let from = match size.counted_from {
            CountedFrom::Shapes => "shapes",
            CountedFrom::Configuration => "config",
        };
        properties.push(Property::new("forebear:parameters:total", size.parameters.total.to_string()));
        properties.push(Property::new("forebear:parameters:active", size.parameters.active.to_string()));
        properties.push(Property::new("forebear:parameters:counted-from", from));
    }
    if let Some(config) = model.quantisation {
        let mut add =
            |name, value: Option<String>| properties.extend(value.map(|value| Property::new(name, value)));
        add("forebear:quantisation:method", config.method.as_ref().map(|method| method.value.clone()));
        add("forebear:quantisation:bits", config.bits.as_ref().map(|bits| bits.value.to_string()));
        add("forebear:quantisation:format", config.format.as_ref().map(|format| format.value.clone()));
    }
    let none = ConfigFields::new();
    let fields = model.config.map_or(&none, |config| &config.fields);
    properties.extend(fields.iter().map(|(field, value)| {
        Property::new(format!("forebear:config:{}", field.key()), value.value.to_string())
    }));
    properties
}
