//! What a configuration says of attention: how many heads there are, and of which family the model is.

use forebear_types::RepoPath;
use forebear_types::weights::Attention;
use serde_json::Value;

use super::Files;

/// Most bytes of a configuration.
const LIMIT: u64 = 4 << 20;

/// The words for the number of heads. Falcon has its own, GPT-2's family another.
const HEADS: [&str; 4] = ["num_attention_heads", "n_head", "num_heads", "n_heads"];

/// The parts of a configuration of several models that is the language model's.
const PARTS: [&str; 3] = ["text_config", "llm_config", "language_config"];

/// Reads the `config.json` nearest to the top; of weights that are looked at alone, the one beside them. Faults of it are told by the
/// reader of configurations.
pub(super) fn read(paths: &[RepoPath], weights: &[RepoPath], files: &mut Files<'_>) -> Attention {
    let listed =
        paths.iter().filter(|path| path.file_name() == b"config.json").min_by_key(|path| path.depth());
    let beside = || {
        let folder = weights.first().filter(|_| paths.len() == 1)?.parent().unwrap_or_default();
        Some(folder.join_path(&RepoPath::new("config.json").ok()?))
    };
    let Some(path) = listed.cloned().or_else(beside) else { return Attention::default() };
    let json = files.small(&path, LIMIT).ok();
    let json: Option<Value> = json.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    json.as_ref().map(of).unwrap_or_default()
}

fn of(json: &Value) -> Attention {
    let part = PARTS.iter().find_map(|part| json.get(part)).unwrap_or(json);
    let number = |key: &&str| part.get(key).and_then(Value::as_u64).filter(|heads| *heads > 0);
    let family = part.get("model_type").or_else(|| json.get("model_type")).and_then(Value::as_str);
    Attention { heads: HEADS.iter().find_map(number), family: family.unwrap_or_default().into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::of;

    #[test]
    fn heads_have_several_names() {
        for (config, heads, family) in [
            (json!({"model_type": "gpt_neox", "num_attention_heads": 8}), Some(8), "gpt_neox"),
            (json!({"model_type": "bloom", "n_head": 16}), Some(16), "bloom"),
            (
                json!({"model_type": "x", "text_config": {"num_attention_heads": 4, "model_type": "y"}}),
                Some(4),
                "y",
            ),
            (json!({"num_attention_heads": 0}), None, ""),
            (json!({"num_attention_heads": "8"}), None, ""),
            (json!([1]), None, ""),
        ] {
            let found = of(&config);
            assert_eq!((found.heads, &*found.family), (heads, family), "{config}");
        }
    }
}
