//! Shape twins: models of independent developers with the same dimensions. An equal configuration says nothing about descent
//! between them.

use forebear_types::config::ConfigField;

use crate::catalog::{Catalog, Model};

/// The fields that make a signature: those that nearly every model states. The number of experts belongs to it too.
pub const SIGNATURE: &[ConfigField] = &[
    ConfigField::HiddenSize,
    ConfigField::Layers,
    ConfigField::IntermediateSize,
    ConfigField::AttentionHeads,
    ConfigField::VocabularySize,
];

/// The values of the fields and of the experts, as text; `None` if the catalog lacks one of the fields.
pub fn signature(model: &Model, fields: &[ConfigField]) -> Option<Vec<String>> {
    let mut signature: Vec<String> =
        fields.iter().map(|field| Some(model.field(*field)?.to_string())).collect::<Option<_>>()?;
    signature.push(model.field(ConfigField::Experts).map_or_else(|| "-".to_owned(), ToString::to_string));
    Some(signature)
}

/// The models of other developers that share the signature of a model, with the developer at their root; in the order of the
/// catalog. `None` if the catalog knows too little of the model's shape to say.
pub fn twins(catalog: &Catalog, model: &'static Model) -> Option<Vec<(&'static str, &'static Model)>> {
    let wanted = signature(model, SIGNATURE)?;
    let own = catalog.root(model).developer;
    let found = catalog
        .models()
        .map(|other| (catalog.root(other).developer, other))
        .filter(|(developer, _)| *developer != own)
        .filter(|(_, other)| signature(other, SIGNATURE).as_ref() == Some(&wanted));
    Some(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_independent_and_mutual() {
        let catalog = Catalog::embedded();
        let find = |id: &str| catalog.find(id).unwrap();
        let llama = twins(&catalog, find("meta-llama/Llama-2-7b-hf")).unwrap();
        assert!(llama.iter().any(|(_, model)| model.id == "openlm-research/open_llama_7b"), "{llama:?}");
        assert!(llama.iter().all(|(developer, _)| *developer != "Meta"));
        let open = twins(&catalog, find("openlm-research/open_llama_7b")).unwrap();
        assert!(open.iter().any(|(_, model)| model.id == "meta-llama/Llama-2-7b-hf"));
        assert!(twins(&catalog, find("deepseek-ai/DeepSeek-V3")).unwrap().is_empty());
    }
}
