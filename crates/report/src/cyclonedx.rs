//! Bills of materials of machine-learning models in CycloneDX 1.6 and 1.7 (ECMA-424). `docs/formats.md` says what is where.
//!
//! The document is about one repository: `metadata.component` is its model. Nothing is invented. What could not be told is left
//! out, and what has no field of its own is a property of the name space `forebear:`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use forebear_types::fact::{Fact, WeightsFile, WeightsFormat};
use forebear_types::lineage::Relation;
use forebear_types::run::Run;
use forebear_types::{RepoPath, Time};

use crate::bom::{self, Ancestor, Model};
use crate::tally::{self, Tally};

mod ids;
mod licenses;
mod model;
pub mod types;

use types::{
    Annotation, Annotator, Citation, Component, Composition, Dependency, Document, Hash, Metadata, Property,
    Tools,
};

/// The version of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Version {
    V1_6,
    V1_7,
}

/// Writes the document: the same bytes for the same run.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, version: Version, out: &mut dyn Write) -> io::Result<()> {
    crate::json::write_pretty(&document(run, version), out)
}

/// The document as values.
pub fn document(run: &Run, version: Version) -> Document {
    let mut document = Writer { run, version, refs: Refs::default(), needed: BTreeMap::new() }.document();
    // Named after its content: nothing random, and no name for two contents.
    let content = serde_json::to_vec(&document).expect("the document holds text and numbers only");
    let space = format!("CycloneDX {}", document.spec_version);
    document.serial_number = Some(format!("urn:uuid:{}", bom::name_based(&space, &content)));
    document
}

/// The name of forebear within the document.
const TOOL: &str = "forebear";

/// Makes one document.
struct Writer<'a> {
    run: &'a Run,
    version: Version,
    refs: Refs,
    /// The bases that adapters need, by the name of the adapter's model.
    needed: BTreeMap<String, Vec<String>>,
}

impl<'a> Writer<'a> {
    fn document(mut self) -> Document {
        let run = self.run;
        self.refs.take(TOOL);
        let models = bom::models(run);
        let mut components: Vec<Component> = models.iter().map(|model| self.model(model)).collect();
        // The repository as a whole is always the first.
        let main = components.remove(0);
        let main_ref = main.bom_ref.clone().unwrap_or_default();
        for (path, file) in Fact::weights(&run.facts) {
            let file = self.weights(path, file);
            components.push(file);
        }
        let by_folder: Vec<(RepoPath, String)> = models
            .iter()
            .zip(std::iter::once(&main).chain(&components))
            .map(|(model, component)| (model.folder.clone(), component.bom_ref.clone().unwrap_or_default()))
            .collect();
        let annotations = self.annotations(&by_folder);
        let citations = self.citations(&main);
        let dependencies = self.dependencies(&main_ref, &components);
        let (schema, spec_version) = match self.version {
            Version::V1_6 => ("http://cyclonedx.org/schema/bom-1.6.schema.json", "1.6"),
            Version::V1_7 => ("http://cyclonedx.org/schema/bom-1.7.schema.json", "1.7"),
        };
        let tool = Component { bom_ref: Some(TOOL.to_owned()), ..self.tool() };
        Document {
            schema,
            bom_format: "CycloneDX",
            spec_version,
            serial_number: None,
            version: 1,
            metadata: Metadata {
                timestamp: run.maker.time.to_string(),
                tools: Tools { components: vec![tool] },
                component: main,
                properties: self.about_the_run(),
            },
            components,
            dependencies,
            // Only models and weight files are listed, and nobody can prove that no other base exists.
            compositions: vec![Composition { aggregate: "incomplete", assemblies: vec![main_ref] }],
            annotations,
            citations,
        }
    }

    fn tool(&self) -> Component {
        Component {
            kind: "application",
            name: "forebear".to_owned(),
            version: Some(self.run.maker.version.to_owned()),
            ..Component::default()
        }
    }

    fn about_the_run(&self) -> Vec<Property> {
        let run = self.run;
        let tally = Tally::of(run);
        let mut properties = vec![
            Property::new("forebear:catalog", &*run.maker.catalog),
            Property::new("forebear:source:kind", run.source.kind.name()),
        ];
        if let Some(head) = run.source.head {
            properties.push(Property::new("forebear:source:head", head.to_string()));
        }
        for (name, number) in [
            ("forebear:summary:violations", tally.violations),
            ("forebear:summary:warnings", tally.warnings),
            ("forebear:summary:notes", tally.notes),
            ("forebear:summary:waived", tally.waived),
            ("forebear:summary:known", tally.known),
        ] {
            properties.push(Property::new(name, number.to_string()));
        }
        for problem in run.problems.iter().chain(&run.history.problems) {
            let property = Property::new("forebear:not-examined", bom::problem(problem));
            if !properties.contains(&property) {
                properties.push(property);
            }
        }
        properties
    }

    fn weights(&mut self, path: &RepoPath, file: &WeightsFile) -> Component {
        let format = match file.format {
            WeightsFormat::Safetensors => "safetensors",
            WeightsFormat::Gguf => "gguf",
            WeightsFormat::PyTorch => "pytorch",
            WeightsFormat::Onnx => "onnx",
            WeightsFormat::Other => "other",
        };
        let digest = |pointer: forebear_types::fact::LfsPointer| Hash {
            alg: "SHA-256",
            content: pointer.sha256.to_string(),
        };
        Component {
            kind: "file",
            bom_ref: Some(self.refs.take(&format!("file:{path}"))),
            name: path.to_string(),
            hashes: file.pointer.map(digest).into_iter().collect(),
            properties: vec![
                Property::new("forebear:weights:format", format),
                Property::new("forebear:weights:bytes", file.size.to_string()),
            ],
            ..Component::default()
        }
    }

    /// The findings: remarks of forebear on the model that they are about.
    fn annotations(&mut self, models: &[(RepoPath, String)]) -> Vec<Annotation> {
        let run = self.run;
        let mut annotations = Vec::new();
        for finding in tally::listed(run).chain(tally::waived(run)) {
            let folder = crate::anchor::hop(run, finding).map(|hop| &hop.subject);
            let of_folder = models.iter().find(|(path, _)| Some(path) == folder).or(models.first());
            annotations.push(Annotation {
                bom_ref: self.refs.take(&format!("finding:{}", finding.fingerprint)),
                subjects: of_folder.map(|(_, name)| name.clone()).into_iter().collect(),
                annotator: Annotator { component: self.tool() },
                timestamp: run.maker.time.to_string(),
                text: bom::finding(run, finding),
            });
        }
        annotations
    }

    /// Which parts are forebear's own finding, and not the publisher's statement.
    fn citations(&mut self, main: &Component) -> Vec<Citation> {
        if self.version < Version::V1_7 {
            return Vec::new();
        }
        let mut pointers: Vec<String> = main
            .licenses
            .iter()
            .enumerate()
            .filter(|(_, license)| license.is_concluded())
            .map(|(index, _)| format!("/metadata/component/licenses/{index}"))
            .collect();
        if main.evidence.is_some() {
            pointers.push("/metadata/component/evidence".to_owned());
        }
        if main.pedigree.is_some() {
            pointers.push("/metadata/component/pedigree".to_owned());
        }
        if pointers.is_empty() {
            return Vec::new();
        }
        vec![Citation {
            bom_ref: self.refs.take("citation:forebear"),
            pointers,
            timestamp: self.run.maker.time.to_string(),
            attributed_to: TOOL.to_owned(),
            note: "Found by forebear in the files and the history of the repository; the publisher did not state it in this form.",
        }]
    }

    fn dependencies(&self, main: &str, components: &[Component]) -> Vec<Dependency> {
        let refs = || components.iter().filter_map(|component| component.bom_ref.clone());
        let needs = |name: &str| self.needed.get(name).cloned().unwrap_or_default();
        let mut depends_on: Vec<String> = refs().collect();
        depends_on.extend(needs(main));
        let mut dependencies = vec![Dependency { of: main.to_owned(), depends_on }];
        dependencies.extend(refs().map(|of| Dependency { depends_on: needs(&of), of }));
        // A reference to what has no entry of its own would look like a mistake.
        let bases: BTreeSet<&String> = self.needed.values().flatten().collect();
        dependencies
            .extend(bases.into_iter().map(|base| Dependency { of: base.clone(), depends_on: Vec::new() }));
        dependencies
    }

    /// Notes that an adapter cannot be used without its base.
    fn note_need(&mut self, model: &str, ancestor: &Ancestor<'_>, base: &str) {
        if ancestor.sure && ancestor.hop.relation == Relation::Adapter {
            self.needed.entry(model.to_owned()).or_default().push(base.to_owned());
        }
    }
}

/// Names within a document: each is given out once.
#[derive(Debug, Default)]
struct Refs(BTreeMap<String, usize>);

impl Refs {
    /// The name itself, or with a number where it was given out before.
    fn take(&mut self, name: &str) -> String {
        let mut taken = name.to_owned();
        while self.0.contains_key(&taken) {
            let count = self.0.entry(name.to_owned()).or_default();
            *count += 1;
            taken = format!("{name}#{count}");
        }
        self.0.insert(taken.clone(), 1);
        taken
    }
}

/// RFC 3339 with a year of four digits, which is all that the schema takes: a commit may claim any time.
fn date_time(time: Time) -> Option<String> {
    let text = time.to_string();
    (text.as_bytes().get(4) == Some(&b'-') && !text.starts_with('-')).then_some(text)
}

/// The name of a model within the document.
fn ref_of(model: &Model<'_>) -> String {
    if model.folder.is_root() { "model".to_owned() } else { format!("model:{}", model.folder) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_out_once() {
        let mut refs = Refs::default();
        let taken: Vec<String> = ["a", "a", "a#2", "a", "b"].iter().map(|name| refs.take(name)).collect();
        assert_eq!(taken, ["a", "a#2", "a#2#2", "a#3", "b"]);
    }

    #[test]
    fn a_time_that_no_schema_takes_is_left_out() {
        assert_eq!(date_time(Time::utc(0)).as_deref(), Some("1970-01-01T00:00:00Z"));
        assert_eq!(date_time(Time::utc(i64::MIN)), None);
        assert!(date_time(Time::utc(i64::MAX)).is_some());
    }
}
