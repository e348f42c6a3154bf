//! What single words mean for a comparison: which differences between a text and a licence have weight.
//!
//! The classes are kept in the index beside each word, so that a licence whose text forebear does not carry is judged by
//! the same measure as one whose text it has.

/// Words that make a difference operative: what one may, must or must not do, to whom, and for what.
pub(crate) const OPERATIVE: u8 = 1;
/// Words that differ between equal licences: names of holders and of the thing licensed, links.
pub(crate) const NEUTRAL: u8 = 2;
/// Marks of a list, and numbers of at most two digits.
pub(crate) const MARK: u8 = 4;
/// Numbers.
pub(crate) const NUMBER: u8 = 8;
/// Words of the law. A run of text with enough of them is a legal text.
pub(crate) const LEGAL: u8 = 16;
/// Words that lay a duty or a ban on somebody in a run of text beside a licence.
pub(crate) const DUTY: u8 = 32;
/// Words with which the name of a licence begins.
pub(crate) const NAME: u8 = 64;
/// What terms are about: a sentence with a word of duty and enough of these is a clause. In a comparison they have no weight
/// of their own.
pub(crate) const WEIGHTY: u8 = 128;

const OPERATIVE_WORDS: &[&str] = &[
    "not", "no", "never", "none", "nor", "shall", "must", "may", "only", "except", "unless", "without",
    "provided", "prohibited", "prohibit", "prohibits", "forbidden", "commercial", "noncommercial", "non",
    "commercially", "restricted", "restriction", "restrictions", "permitted", "permits", "permission",
    "required", "require", "requires", "evil", "military", "weapons", "users", "revenue", "display",
    "displayed", "academic", "research", "companies", "employees", "country", "territory", "fee", "fees",
    "royalty", "royalties", "obtain", "prior", "written", "agree", "agrees", "terminate", "terminates",
    "cannot", "disallowed", "personal", "individuals", "sell", "resell", "redistribute", "hosting", "hosted",
    "compete", "competing", "train", "training", "modify", "modification", "modifications", "modified",
    "distribute", "distribution", "sublicense", "publish", "copy", "copies", "merge", "use", "used", "uses",
    "using", "limited", "unlimited", "exclusive", "nonexclusive", "revocable", "irrevocable", "perpetual",
    "worldwide", "free", "charge", "grant", "granted", "grants", "patent", "patents", "warranty", "liable",
    "liability", "disclaim", "with", "purpose", "purposes", "government", "internal", "educational",
    "nonprofit", "profit", "evaluation", "source", "binary", "attribution", "endorse", "promote",
    "advertising", "notify", "notified", "consent", "approval", "donation", "payment", "pay", "paid",
    "subscription", "vegan", "ethical", "harm", "surveillance", "labor", "production", "prominently",
    "acknowledge", "disclose", "publicly", "include", "included", "reproduce", "retain", "can", "should",
];

const NEUTRAL_WORDS: &[&str] = &[
    "the", "a", "an", "of", "and", "or", "by", "its", "their", "this", "that", "these", "those", "his",
    "her", "my", "our", "your", "any", "all", "as", "in", "on", "to", "for", "from", "such", "it",
    "copyright", "copyrights", "copyrighted", "holder", "holders", "owner", "owners", "author", "authors",
    "contributors", "contributor", "regents", "university", "california", "foundation", "project",
    "software", "program", "programs", "library", "work", "works", "package", "packages", "code", "material",
    "materials", "file", "files", "font", "data", "inc", "llc", "ltd", "gmbh", "corporation", "corp",
    "company", "organization", "organizations", "institute", "name", "names", "license", "licenses",
    "version", "http", "www", "org", "com", "net", "html", "txt", "legalcode", "php", "rights", "reserved",
    "following", "above", "paragraph", "section", "sections", "next", "is", "are", "new", "simplified",
    "revised", "clause", "developer", "developers", "team", "group", "et", "al", "quot", "amp", "nbsp",
    "express", "expressed", "text", "document", "documentation", "associated", "appendix", "end", "terms",
    "conditions", "begin", "street", "franklin", "boston", "cambridge", "avenue", "suite", "floor", "fifth",
    "temple", "place", "mass", "ma", "usa", "massachusetts", "start", "page", "mit", "bsd", "isc", "apache",
    "gnu", "gpl", "lgpl", "agpl",
];

const LEGAL_WORDS: &[&str] = &[
    "license", "licenses", "licensed", "licensor", "licensee", "sublicense", "agreement", "hereby", "shall",
    "warranty", "warranties", "liability", "liable", "terms", "conditions", "rights", "grant", "granted",
    "copyright", "redistribute", "redistribution", "permitted", "prohibited", "commercial", "noncommercial",
    "herein", "thereof", "indemnify", "jurisdiction", "terminate", "termination", "restrictions",
    "acceptable", "policy", "comply", "compliance", "law", "laws", "provided", "permission",
];

const DUTY_WORDS: &[&str] = &[
    "shall", "must", "may", "not", "cannot", "prohibited", "prohibits", "except", "unless", "without",
    "permitted", "permits", "restricted", "restricts", "required", "requires", "require", "forbidden",
    "agree", "agrees", "evil", "payable", "royalty", "royalties", "pay", "purchase", "obtain", "notify",
    "notified", "inform", "excluded", "excludes", "solely", "exclusively", "revoke", "revoked", "terminate",
    "terminated", "expire", "expires", "destroyed", "audit", "inspect", "disallowed", "allowed", "banned",
    "barred", "entitled", "reserves", "refrain", "provided", "never", "neither", "commercial",
    "noncommercial", "terminates", "agreed", "credit", "indemnify", "notwithstanding", "forbids", "obliged",
    "obligated",
];

/// Words that lay a duty only beside others.
const WEAK_WORDS: &[&str] = &[
    "only", "users", "revenue", "display", "military", "prior", "commercially", "academic", "modification",
    "modified", "non", "fee", "fees", "subject", "remain", "limited", "condition", "conditions",
    "permission", "restrictions", "restriction", "disclose", "redistribute", "nobody", "consent", "approval",
    "research", "personal", "educational", "evaluation", "internal", "production", "exclusively", "belong",
    "belongs", "need", "needs", "needed", "paid", "payment", "subscription", "obscure", "remove",
    "confidential", "change", "rename", "share", "public", "website", "logo", "million", "billion",
    "dollars",
];

const WEIGHTY_WORDS: &[&str] = &[
    "distributed", "distributing", "distributes", "redistributed", "redistributing", "copied", "copying",
    "modifying", "modifies", "published", "publishing", "sold", "selling", "sale", "sales", "outputs",
    "output", "trained", "training", "derived", "derivative", "derivatives", "deploying", "deployed",
    "deploy", "product", "products", "service", "services", "author", "holder", "owner", "licensor",
    "company", "companies", "entity", "person", "persons", "party", "parties", "operation", "applications",
    "software", "works", "work", "systems", "territory", "union", "states", "export", "records", "days",
    "writing", "same", "above", "downloaded", "hosting", "managed", "website", "footer", "link", "visible",
    "word", "contain", "contains", "copyleft", "permissions", "machine", "learning", "intelligence",
    "mining", "law", "enforcement", "armed", "defence", "defense", "nuclear", "weapon", "net", "percent",
    "gross", "annual", "income", "customers", "customer", "employer", "school", "university", "business",
    "competes", "competitor", "renamed", "call", "called", "named", "version", "versions", "built", "credit",
    "credits", "cite", "citation", "paper", "dispute", "arbitration", "court", "courts", "earns", "buy",
    "buying", "contact", "register", "rights", "claims", "grant", "benchmark", "results", "model", "models",
    "neural", "network", "code", "cloud", "providers", "hardware", "stores", "improvements", "maintainers",
    "euro", "usd", "improve", "fork", "repository", "sue", "agencies", "text", "page", "interface", "name",
    "notice", "time", "terms", "trains", "individuals", "corporations", "sent", "members",
];

/// One spelling for each word of these pairs. Source: SPDX, "equivalent words" (`equivalentwords.txt` of
/// spdx/license-list-XML), and forms met in licence files.
pub(crate) const VARIANTS: &[(&str, &str)] = &[
    ("licence", "license"),
    ("licences", "licenses"),
    ("licenced", "licensed"),
    ("licencing", "licensing"),
    ("licencee", "licensee"),
    ("licencor", "licensor"),
    ("sublicence", "sublicense"),
    ("sublicenced", "sublicensed"),
    ("sublicences", "sublicenses"),
    ("sublicencing", "sublicensing"),
    ("https", "http"),
    ("organisation", "organization"),
    ("organisations", "organizations"),
    ("organisational", "organizational"),
    ("organise", "organize"),
    ("acknowledgement", "acknowledgment"),
    ("acknowledgements", "acknowledgments"),
    ("analogue", "analog"),
    ("analyse", "analyze"),
    ("artefact", "artifact"),
    ("artefacts", "artifacts"),
    ("authorisation", "authorization"),
    ("authorised", "authorized"),
    ("authorise", "authorize"),
    ("calibre", "caliber"),
    ("cancelled", "canceled"),
    ("capitalisations", "capitalizations"),
    ("catalogue", "catalog"),
    ("categorise", "categorize"),
    ("centre", "center"),
    ("emphasised", "emphasized"),
    ("favour", "favor"),
    ("favourite", "favorite"),
    ("fulfil", "fulfill"),
    ("fulfilment", "fulfillment"),
    ("initialise", "initialize"),
    ("judgement", "judgment"),
    ("labelling", "labeling"),
    ("labour", "labor"),
    ("maximise", "maximize"),
    ("merchantibility", "merchantability"),
    ("merchantibilty", "merchantability"),
    ("modelled", "modeled"),
    ("modelling", "modeling"),
    ("offence", "offense"),
    ("optimise", "optimize"),
    ("practise", "practice"),
    ("programme", "program"),
    ("realise", "realize"),
    ("recognise", "recognize"),
    ("signalling", "signaling"),
    ("utilisation", "utilization"),
    ("utilise", "utilize"),
    ("whilst", "while"),
    ("wilful", "willful"),
    ("wilfull", "willful"),
];

/// Whether a word in lower case lays a duty beside another such word.
pub(crate) fn is_weak(word: &str) -> bool {
    WEAK_WORDS.contains(&word)
}

/// All words that have a class of their own, so that the index knows them even where no licence uses them.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    [OPERATIVE_WORDS, NEUTRAL_WORDS, LEGAL_WORDS, DUTY_WORDS, WEAK_WORDS, WEIGHTY_WORDS]
        .into_iter()
        .flatten()
        .copied()
}

/// The classes of a word in lower case; [`NAME`] is not among them.
pub(crate) fn classes(word: &str) -> u8 {
    let mut classes = shape(word);
    for (list, class) in [
        (OPERATIVE_WORDS, OPERATIVE),
        (NEUTRAL_WORDS, NEUTRAL),
        (LEGAL_WORDS, LEGAL),
        (DUTY_WORDS, DUTY),
        (WEAK_WORDS, WEIGHTY),
        (WEIGHTY_WORDS, WEIGHTY),
    ] {
        if list.contains(&word) {
            classes |= class;
        }
    }
    classes
}

/// The classes that follow from a word's form alone, which hold for words that no licence uses too.
pub(crate) fn shape(word: &str) -> u8 {
    let digits = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let roman =
        !word.is_empty() && word.len() <= 4 && word.bytes().all(|byte| matches!(byte, b'i' | b'v' | b'x'));
    let mark = (word.len() == 1 && word.is_ascii()) || roman || (digits && word.len() <= 2);
    (u8::from(mark) * MARK) | (u8::from(digits) * NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_words() {
        assert_eq!(classes("not"), OPERATIVE | DUTY);
        assert_eq!(classes("the"), NEUTRAL);
        assert_eq!(classes("iv"), MARK);
        assert_eq!(classes("12"), MARK | NUMBER);
        assert_eq!(classes("700"), NUMBER);
        assert_eq!(classes("kaguya"), 0);
        for (variant, spelling) in VARIANTS {
            assert!(VARIANTS.iter().all(|(other, _)| other != spelling), "{variant} leads to a variant");
        }
    }
}
