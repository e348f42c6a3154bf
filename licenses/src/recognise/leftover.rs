//! What no known licence explains: other licences, or terms that were added.

use forebear_types::LineSpan;

use super::words::Words;

/// Words of the law. A run of text with enough of them is a legal text.
const LEGAL: &[&str] = &[
    "license",
    "licenses",
    "licensed",
    "licensor",
    "licensee",
    "sublicense",
    "agreement",
    "hereby",
    "shall",
    "warranty",
    "warranties",
    "liability",
    "liable",
    "terms",
    "conditions",
    "rights",
    "grant",
    "granted",
    "copyright",
    "redistribute",
    "redistribution",
    "permitted",
    "prohibited",
    "commercial",
    "noncommercial",
    "herein",
    "thereof",
    "indemnify",
    "jurisdiction",
    "terminate",
    "termination",
    "restrictions",
    "acceptable",
    "policy",
    "comply",
    "compliance",
    "law",
    "laws",
    "provided",
    "permission",
];

/// Words that lay a duty or a ban on somebody.
const OPERATIVE: &[&str] = &[
    "shall",
    "must",
    "may",
    "not",
    "only",
    "prohibited",
    "except",
    "unless",
    "commercial",
    "noncommercial",
    "without",
    "provided",
    "permitted",
    "restricted",
    "required",
    "forbidden",
    "agree",
    "users",
    "revenue",
    "display",
    "military",
    "evil",
    "prior",
    "cannot",
    "commercially",
    "academic",
    "modification",
    "modified",
];

/// A shorter run says too little.
const SHORT: usize = 8;

/// From this many words on, a run with four legal words, and one in every forty-five, is a legal text of its own.
const LONG: usize = 25;

/// A run of words that no licence explains.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) lines: LineSpan,
    /// Words of the text, from and to.
    span: (usize, usize),
    /// The first words, for people.
    pub(crate) opening: String,
    /// Whether it is a legal text by itself.
    pub(crate) legal: bool,
    /// Whether it lays a duty or ban on somebody: beside a licence, such a run is a part of its terms.
    pub(crate) operative: bool,
}

impl Run {
    /// Whether the run stands directly before or behind a stretch of words.
    pub(crate) fn beside(&self, from: usize, to: usize) -> bool {
        self.span.1 == from || self.span.0 == to
    }
}

/// The runs between the spans that licences explain.
pub(crate) fn runs(words: &Words<'_>, spans: &[(usize, usize)]) -> Vec<Run> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut runs = Vec::new();
    let mut from = 0;
    for (start, end) in spans.into_iter().chain([(words.len(), words.len())]) {
        if start > from
            && let Some(run) = judge(words, from, start)
        {
            runs.push(run);
        }
        from = from.max(end);
    }
    runs
}

fn judge(words: &Words<'_>, from: usize, to: usize) -> Option<Run> {
    let count = to - from;
    if count < SHORT {
        return None;
    }
    let mut legal = 0;
    let mut operative = 0;
    for index in from..to {
        let word = words.lower(index);
        legal += usize::from(LEGAL.contains(&word.as_str()));
        operative += usize::from(OPERATIVE.contains(&word.as_str()));
    }
    let is_legal =
        if count >= LONG { legal >= 4 && legal * 45 >= count } else { legal >= 2 && operative >= 2 };
    let operative = operative >= 2 && operative * 60 >= count;
    (is_legal || operative).then(|| Run {
        lines: LineSpan::new(words.line(from), words.line(to - 1)),
        span: (from, to),
        opening: words.phrase(from, to, 24),
        legal: is_legal,
        operative,
    })
}
