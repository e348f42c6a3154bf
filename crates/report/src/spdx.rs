//! Bills of materials in SPDX 3.0.1 (JSON-LD) with its AI and dataset profiles. `docs/formats.md` says what is where.
//!
//! Every model has exactly one declared and one concluded licence, as the AI profile asks ("Profile conformance" of `/AI/AI`); so has
//! every data set (`/Dataset/Dataset`). What could not be told is `NoAssertion`, or left out where the specification has no word for it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use forebear_types::fact::Fact;
use forebear_types::obligation::{Creditor, Duty};
use forebear_types::run::Run;
use forebear_types::{RepoPath, Time};

use crate::bom::{self, Model};
use crate::tally;

mod license;
mod model;
pub mod types;

use types::{Annotation, Collection, CreationInfo, Document, Element, Hash, Node, Relationship};

/// Writes the document: the same bytes for the same run.
///
/// # Errors
/// What the writer says.
pub fn write(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    crate::json::write_pretty(&document(run), out)
}

/// The document as values.
///
/// Ids are `urn:uuid:` (RFC 9562) with a fragment: nobody's web site, and the same for the same content. The name of the space of
/// ids follows from the document as it is without one.
pub fn document(run: &Run) -> Document {
    let nameless = Builder::new(run, "urn:uuid:00000000-0000-0000-0000-000000000000").document();
    let content = serde_json::to_vec(&nameless).expect("the document holds text and numbers only");
    Builder::new(run, &format!("urn:uuid:{}", bom::name_based("SPDX 3.0.1", &content))).document()
}

const CREATION: &str = "_:creationInfo";

const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";

/// Makes one document.
struct Builder<'a> {
    run: &'a Run,
    /// What ids begin with.
    space: &'a str,
    nodes: Vec<Node>,
    ids: Vec<String>,
    /// How many ids of each kind were given out.
    counts: BTreeMap<&'static str, usize>,
    /// Licence expressions by their text, and licences outside the SPDX list by their id.
    expressions: BTreeMap<String, String>,
    licenses: BTreeMap<String, String>,
    /// Suppliers by their name.
    agents: BTreeMap<String, String>,
}

impl<'a> Builder<'a> {
    fn new(run: &'a Run, space: &'a str) -> Self {
        Self {
            run,
            space,
            nodes: Vec::new(),
            ids: Vec::new(),
            counts: BTreeMap::new(),
            expressions: BTreeMap::new(),
            licenses: BTreeMap::new(),
            agents: BTreeMap::new(),
        }
    }

    fn document(mut self) -> Document {
        let run = self.run;
        let maker = self.element("SoftwareAgent", "tool");
        let maker_id = maker.spdx_id.clone();
        self.add(Node::Element(Element {
            name: Some("forebear".to_owned()),
            description: Some(format!("forebear {}, catalog {}", run.maker.version, run.maker.catalog)),
            ..maker
        }));
        let models = bom::models(run);
        let ids: Vec<(RepoPath, String)> =
            models.iter().map(|model| (model.folder.clone(), self.model(model))).collect();
        // The repository as a whole is always the first.
        let main = ids[0].1.clone();
        let parts: Vec<String> = ids[1..].iter().map(|(_, id)| id.clone()).chain(self.weights()).collect();
        if !parts.is_empty() {
            // Other files of the repository are not listed.
            self.relate(&main, "contains", parts, Some("incomplete"), None);
        }
        self.remarks(&ids);
        self.close(main, maker_id, &models)
    }

    fn close(self, main: String, maker: String, models: &[Model<'_>]) -> Document {
        let mut profiles = vec!["core", "software", "simpleLicensing", "ai"];
        if models.iter().any(|model| !model.datasets.is_empty()) {
            profiles.push("dataset");
        }
        let named = |kind, id: &str| Element {
            kind,
            spdx_id: format!("{}#{id}", self.space),
            creation_info: CREATION,
            ..Element::default()
        };
        let bom = Collection {
            element: Element {
                name: Some(format!("Bill of materials of {}", self.run.name)),
                ..named("software_Sbom", "bom")
            },
            root_element: vec![main],
            elements: self.ids.clone(),
            profile_conformance: profiles.clone(),
            sbom_type: vec!["analyzed"],
        };
        let bom_id = bom.element.spdx_id.clone();
        let mut elements = self.ids;
        elements.push(bom_id.clone());
        let document = Collection {
            element: Element {
                name: Some(self.run.name.clone()),
                comment: Some(INCOMPLETE.to_owned()),
                ..named("SpdxDocument", "document")
            },
            root_element: vec![bom_id],
            elements,
            profile_conformance: profiles,
            sbom_type: Vec::new(),
        };
        let creation = CreationInfo {
            kind: "CreationInfo",
            id: CREATION,
            spec_version: "3.0.1",
            // The moment is the machine's clock, whose year has four digits.
            created: Time::utc(self.run.maker.time.seconds).to_string(),
            created_by: vec![maker],
        };
        let mut graph = vec![Node::CreationInfo(creation), Node::Collection(document), Node::Collection(bom)];
        graph.extend(self.nodes);
        Document { context: CONTEXT, graph }
    }

    /// The weight files; their ids.
    fn weights(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        for (path, file) in Fact::weights(&self.run.facts) {
            let element = self.element("software_File", "file");
            ids.push(element.spdx_id.clone());
            let hash = |pointer: forebear_types::fact::LfsPointer| Hash {
                kind: "Hash",
                algorithm: "sha256",
                hash_value: pointer.sha256.to_string(),
            };
            self.add(Node::Element(Element {
                name: Some(path.to_string()),
                description: Some(format!("Weights, {} bytes", file.size)),
                verified_using: file.pointer.map(hash).into_iter().collect(),
                file_kind: Some("file"),
                ..element
            }));
        }
        ids
    }

    /// Findings, duties, and what was not examined: on the model that each is about.
    fn remarks(&mut self, models: &[(RepoPath, String)]) {
        let run = self.run;
        let of_folder = |folder: Option<&RepoPath>| {
            let found = models.iter().find(|(path, _)| Some(path) == folder);
            found.or(models.first()).map(|(_, id)| id.clone()).unwrap_or_default()
        };
        for finding in tally::listed(run).chain(tally::waived(run)) {
            let subject = of_folder(crate::anchor::hop(run, finding).map(|hop| &hop.subject));
            self.remark("review", subject, bom::finding(run, finding));
        }
        for owed in &run.obligations {
            let folder = match &owed.creditor {
                Creditor::Own => None,
                Creditor::Ancestor { hop, .. } => run.lineage.hops.get(*hop).map(|hop| &hop.subject),
            };
            self.remark("other", of_folder(folder), format!("Duty, {}", bom::obligation(owed)));
        }
        let mut problems: Vec<String> =
            run.problems.iter().chain(&run.history.problems).map(bom::problem).collect();
        problems.dedup();
        for problem in problems {
            self.remark("other", of_folder(None), format!("Not examined: {problem}"));
        }
    }

    fn remark(&mut self, annotation_type: &'static str, subject: String, statement: String) {
        let element = self.element("Annotation", "annotation");
        self.add(Node::Annotation(Annotation { element, annotation_type, subject, statement }));
    }

    fn relate(
        &mut self,
        from: &str,
        relationship_type: &'static str,
        to: Vec<String>,
        completeness: Option<&'static str>,
        comment: Option<String>,
    ) {
        let element = Element { comment, ..self.element("Relationship", "relationship") };
        self.add(Node::Relationship(Relationship {
            element,
            from: from.to_owned(),
            relationship_type,
            to,
            completeness,
        }));
    }

    /// A new element; `what` is the word of its id.
    fn element(&mut self, kind: &'static str, what: &'static str) -> Element {
        let count = self.counts.entry(what).or_default();
        *count += 1;
        let spdx_id = format!("{}#{what}-{count}", self.space);
        Element { kind, spdx_id, creation_info: CREATION, ..Element::default() }
    }

    fn add(&mut self, node: Node) {
        if let Some(id) = node.id() {
            self.ids.push(id.to_owned());
        }
        self.nodes.push(node);
    }

    /// Lines that the base's licence asks everybody to carry who passes the model on.
    fn attribution(&self, model: &Model<'_>) -> Vec<String> {
        let of_model = |creditor: &Creditor| match creditor {
            Creditor::Own => model.folder.is_root(),
            Creditor::Ancestor { hop, .. } => {
                self.run.lineage.hops.get(*hop).is_some_and(|hop| hop.subject == model.folder)
            }
        };
        let lines = [Duty::KeepCopyrightNotice, Duty::PrescribedNoticeLine, Duty::DisplayPhrase];
        let mut found: Vec<String> = Vec::new();
        for owed in &self.run.obligations {
            let is_line = owed.certain && lines.contains(&owed.duty) && !owed.subject.is_empty();
            if is_line && of_model(&owed.creditor) && !found.contains(&owed.subject) {
                found.push(owed.subject.clone());
            }
        }
        found
    }
}

/// What the specification asks of a model or a data set and a repository does not tell.
const INCOMPLETE: &str = "Made by forebear from the files and the history of one repository. The moment of release of a model \
and of a data set, the supplier and the place of download are left out where the repository does not tell them; nothing was looked \
up elsewhere.";

impl Node {
    /// The id of an element; creation information has none.
    pub fn id(&self) -> Option<&str> {
        let element = match self {
            Self::CreationInfo(_) => return None,
            Self::Element(element) => element,
            Self::Collection(collection) => &collection.element,
            Self::Package(package) => &package.element,
            Self::LicenseExpression(license) => &license.element,
            Self::LicensingText(license) => &license.element,
            Self::Relationship(relationship) => &relationship.element,
            Self::Annotation(annotation) => &annotation.element,
        };
        Some(&element.spdx_id)
    }
}
