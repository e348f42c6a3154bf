//! What the reports of `forebear models` are made of. The binary fills these values; text and JSON write them.

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Hugging Face id.
    pub id: String,
    /// Who made it.
    pub developer: String,
    /// The family it belongs to.
    pub family: String,
    /// Day, month or year of its release.
    pub released: Option<String>,
    /// The parent that its publisher names.
    pub derived_from: Option<String>,
    /// The licence of the weights that holds now; `None` where no source gives one.
    pub license: Option<String>,
    /// Number of configuration facts that have a source.
    pub configuration: usize,
    /// Number of weight files whose digests are known.
    pub files: usize,
    /// Whether it stands in a file of the user's.
    pub added: bool,
}

/// Everything that is known of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// What the list says of it.
    pub entry: Entry,
    /// Other names of the same weights.
    pub aliases: Vec<String>,
    /// What a reader must know or doubt.
    pub note: Option<String>,
    /// Parameters in billions: all, and those used for one token.
    pub parameters: (Option<f64>, Option<f64>),
    /// The way to the root: the parent, its parent, and so on.
    pub ancestors: Vec<Ancestor>,
    /// Models that name this one as their parent.
    pub descendants: Vec<String>,
    /// Licence states, oldest first.
    pub licenses: Vec<Period>,
    /// A licence known from memory only.
    pub memory_license: Option<String>,
    /// `architectures` of its configuration.
    pub architectures: Vec<String>,
    /// `model_type` of its configuration.
    pub model_type: Option<String>,
    /// Fields of its configuration.
    pub config: Vec<Field>,
    /// Whether the configuration is known from memory only.
    pub config_from_memory: bool,
    /// Weight files whose digests are known.
    pub files: Vec<File>,
    /// Where parent, release, parameters and configuration come from.
    pub sources: Vec<Source>,
}

/// A step to the root.
#[derive(Clone, Debug, PartialEq)]
pub struct Ancestor {
    /// Its id.
    pub id: String,
    /// Who made it; `None` where the catalog does not know it.
    pub developer: Option<String>,
    /// The licence of its weights that holds now.
    pub license: Option<String>,
}

/// A time in which one licence state held.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Period {
    /// First day.
    pub from: Option<String>,
    /// First day on which it no longer held.
    pub until: Option<String>,
    /// The upstream revision.
    pub revision: Option<String>,
    /// Licence of the weights.
    pub weights: Option<String>,
    /// Licence of the code, where it is stated apart.
    pub code: Option<String>,
    /// Legal files upstream.
    pub files: Vec<String>,
    /// The use policy that belongs to the licence.
    pub use_policy: Option<String>,
    /// Owners' lines as upstream writes them.
    pub copyright: Vec<String>,
    /// `primary`, `secondary`.
    pub confidence: String,
    /// The source.
    pub source: String,
    /// What a reader should know besides.
    pub note: Option<String>,
}

/// A field of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The canonical key.
    pub key: String,
    /// The value, as JSON writes it.
    pub value: String,
    /// Values that other sources give; each is accepted.
    pub or: Vec<String>,
    /// Whether shapes or the number of tensors fix it.
    pub shape: bool,
}

/// A weight file whose digest is known.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its path upstream.
    pub path: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether unrelated models ship it too.
    pub component: bool,
    /// Where the digest comes from.
    pub source: String,
    /// `primary`, `secondary`.
    pub confidence: String,
}

/// Where a claim comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// `parent`, `release`, `parameters`, `configuration`, `configuration-conflict`.
    pub claim: String,
    /// Keys of the configuration that it covers; empty for all that no other source lists.
    pub keys: Vec<String>,
    /// The release whose file was read, if it is not this one.
    pub sibling: Option<String>,
    /// The source.
    pub source: String,
    /// `primary`, `secondary`.
    pub confidence: String,
}
