//! `adapter_config.json`, as the PEFT library writes it.

use forebear_types::fact::{AdapterConfig, FactKind, Reading};

use super::{File, located_text};

/// Reads the base, its revision and the kind of adapter.
pub(crate) fn read(file: File<'_>, reading: &mut Reading) {
    let Some((text, json)) = file.object(&mut reading.problems, "write the file again with PEFT") else {
        return;
    };
    let Some(root) = json.root() else { return };
    let member =
        |key: &str| root.get(key).and_then(located_text).filter(|value| !value.value.trim().is_empty());
    let base_model = member("base_model_name_or_path");
    let revision = member("revision");
    let peft_type = member("peft_type");
    let kind = FactKind::AdapterConfig(AdapterConfig { base_model, revision, peft_type, text });
    reading.facts.push(file.fact(kind));
}

#[cfg(test)]
mod tests {
    use super::super::tests::read_text;
    use super::*;

    #[test]
    fn the_base_is_read_with_its_place() {
        let text = "{\n  \"base_model_name_or_path\": \"Qwen/Qwen2.5-7B\",\n  \"peft_type\": \"LORA\",\n  \"revision\": null\n}";
        let reading = read_text("adapter_config.json", text);
        let FactKind::AdapterConfig(adapter) = &reading.facts[0].kind else { panic!("no adapter") };
        let base = adapter.base_model.as_ref().unwrap();
        assert_eq!((base.value.as_str(), base.line), ("Qwen/Qwen2.5-7B", 2));
        assert_eq!(adapter.revision, None);
    }

    #[test]
    fn what_comes_before_a_fault_is_used() {
        let reading = read_text("adapter_config.json", "{\"base_model_name_or_path\": \"a/b\", ");
        assert_eq!(reading.problems.len(), 1);
        assert!(
            matches!(&reading.facts[0].kind, FactKind::AdapterConfig(adapter) if adapter.base_model.is_some())
        );
        assert_eq!(read_text("adapter_config.json", "[]").problems.len(), 1);
        assert!(read_text("adapter_config.json", "").facts.is_empty());
    }
}
