//! Shapes derived from lists of tensors, with the names of several libraries, renamed, and as an adapter.

use super::*;

fn tensor(name: &str, shape: &[u64]) -> Tensor {
    Tensor { name: name.into(), element: "BF16".into(), shape: Some(shape.into()) }
}

fn file(path: &str, source: TensorSource, tensors: Vec<Tensor>) -> (RepoPath, Tensors) {
    (RepoPath::new(path).unwrap(), Tensors { source, tensors, metadata: Vec::new(), complete: true })
}

fn of(tensors: Vec<Tensor>) -> TensorShape {
    let (path, file) = file("model.safetensors", TensorSource::Header(WeightsFormat::Safetensors), tensors);
    derive(&[(&path, &file)], &[]).expect("a stack of layers")
}

fn field(shape: &TensorShape, field: ConfigField) -> Option<u64> {
    shape.fields.get(&field).copied()
}

/// A gated decoder as transformers names it.
fn llama(layers: u64, hidden: u64, inner: u64, query: u64, key: u64, vocabulary: u64) -> Vec<Tensor> {
    let mut list = vec![
        tensor("model.embed_tokens.weight", &[vocabulary, hidden]),
        tensor("model.norm.weight", &[hidden]),
        tensor("lm_head.weight", &[vocabulary, hidden]),
    ];
    for layer in 0..layers {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        for (part, shape) in [
            ("input_layernorm", vec![hidden]),
            ("post_attention_layernorm", vec![hidden]),
            ("self_attn.q_proj", vec![query, hidden]),
            ("self_attn.k_proj", vec![key, hidden]),
            ("self_attn.v_proj", vec![key, hidden]),
            ("self_attn.o_proj", vec![hidden, query]),
            ("mlp.gate_proj", vec![inner, hidden]),
            ("mlp.up_proj", vec![inner, hidden]),
            ("mlp.down_proj", vec![hidden, inner]),
        ] {
            list.push(tensor(&name(part), &shape));
        }
    }
    list
}

fn assert_llama_3_8b(shape: &TensorShape) {
    use ConfigField::*;
    for (wanted, value) in
        [(Layers, 32), (HiddenSize, 4096), (IntermediateSize, 14336), (VocabularySize, 128_256)]
    {
        assert_eq!(field(shape, wanted), Some(value), "{wanted:?} in {shape:?}");
    }
    assert_eq!((shape.query_rows, shape.key_rows), (Some(4096), Some(1024)));
}

#[test]
fn a_dense_decoder() {
    let shape = of(llama(32, 4096, 14336, 4096, 1024, 128_256));
    assert_llama_3_8b(&shape);
    assert_eq!(shape.own_output, Some(true));
    assert_eq!(shape.elements.unwrap().all, 8_030_261_248, "the published count of Llama-3-8B");
}

#[test]
fn renamed_tensors_tell_the_same() {
    let renamed = llama(32, 4096, 14336, 4096, 1024, 128_256)
        .into_iter()
        .map(|one| {
            let name = one
                .name
                .replace("model.layers.", "core.blocks.")
                .replace("model.embed_tokens", "lexicon")
                .replace("lm_head", "answer")
                .replace("self_attn.", "a.")
                .replace("_proj", "_w")
                .replace("layernorm", "scale")
                .replace("mlp.", "b.");
            Tensor { name: name.into(), ..one }
        })
        .collect();
    assert_llama_3_8b(&of(renamed));
}

#[test]
fn latent_attention_and_experts() {
    use ConfigField::*;
    let (hidden, inner) = (7168, 2048);
    let mut list = vec![tensor("model.embed_tokens.weight", &[129_280, hidden])];
    for layer in 0..5u64 {
        let name = |part: &str| format!("model.layers.{layer}.{part}.weight");
        list.push(tensor(&name("input_layernorm"), &[hidden]));
        list.push(tensor(&name("self_attn.q_a_proj"), &[1536, hidden]));
        list.push(tensor(&name("self_attn.q_b_proj"), &[24_576, 1536]));
        list.push(tensor(&name("self_attn.kv_a_proj_with_mqa"), &[576, hidden]));
        list.push(tensor(&name("self_attn.kv_b_proj"), &[32_768, 512]));
        if layer < 3 {
            list.push(tensor(&name("mlp.down_proj"), &[hidden, 18_432]));
            list.push(tensor(&name("mlp.up_proj"), &[18_432, hidden]));
            continue;
        }
        list.push(tensor(&name("mlp.gate"), &[8, hidden]));
        list.push(tensor(&name("mlp.shared_experts.down_proj"), &[hidden, inner]));
        for expert in 0..8 {
            list.push(tensor(&name(&format!("mlp.experts.{expert}.down_proj")), &[hidden, inner]));
            list.push(tensor(&name(&format!("mlp.experts.{expert}.up_proj")), &[inner, hidden]));
        }
        if layer == 4 {
            list.push(tensor(&name("eh_proj"), &[hidden, 2 * hidden]));
        }
    }
    let shape = of(list);
    for (wanted, value) in [
        (Layers, 4),
        (HiddenSize, 7168),
        (IntermediateSize, 18_432),
        (ExpertIntermediateSize, 2048),
        (Experts, 8),
        (KeyValueLoraRank, 512),
        (QueryLoraRank, 1536),
        (QueryKeyRopeHeadDimension, 64),
        (FirstDenseLayers, 3),
        (VocabularySize, 129_280),
    ] {
        assert_eq!(field(&shape, wanted), Some(value), "{wanted:?} in {shape:?}");
    }
}

#[test]
fn fused_projections_and_transposed_matrices_of_gpt_2() {
    let mut list = vec![tensor("wte.weight", &[50_257, 768]), tensor("wpe.weight", &[1024, 768])];
    for layer in 0..12 {
        for (part, shape) in [
            ("ln_1.weight", vec![768]),
            ("attn.c_attn.weight", vec![768, 2304]),
            ("attn.c_proj.weight", vec![768, 768]),
            ("mlp.c_fc.weight", vec![768, 3072]),
            ("mlp.c_proj.weight", vec![3072, 768]),
        ] {
            list.push(tensor(&format!("h.{layer}.{part}"), &shape));
        }
    }
    let shape = of(list);
    assert_eq!(field(&shape, ConfigField::VocabularySize), Some(50_257));
    assert_eq!(field(&shape, ConfigField::IntermediateSize), Some(3072));
    assert_eq!((shape.query_rows, shape.key_rows, shape.own_output), (Some(768), Some(768), Some(false)));
}

#[test]
fn an_adapter_shows_the_modules_it_was_made_for() {
    let mut list = Vec::new();
    for layer in [0, 31] {
        for (part, rows, columns) in [
            ("self_attn.q_proj", 4096, 4096),
            ("self_attn.v_proj", 1024, 4096),
            ("mlp.down_proj", 4096, 14336),
        ] {
            let name = format!("base_model.model.model.layers.{layer}.{part}");
            list.push(tensor(&format!("{name}.lora_A.weight"), &[16, columns]));
            list.push(tensor(&format!("{name}.lora_B.weight"), &[rows, 16]));
        }
    }
    let shape = of(list);
    assert!(shape.adapter && shape.elements.is_none());
    assert_eq!(field(&shape, ConfigField::Layers), Some(32));
    assert_eq!(field(&shape, ConfigField::HiddenSize), Some(4096));
    assert_eq!(field(&shape, ConfigField::IntermediateSize), Some(14336));
    assert_eq!(shape.query_rows, Some(4096));
}

#[test]
fn an_index_gives_names_only_and_a_header_is_preferred() {
    let names = llama(4, 64, 128, 64, 32, 1000)
        .into_iter()
        .map(|one| Tensor { shape: None, element: "".into(), ..one })
        .collect();
    let index = file("model.safetensors.index.json", TensorSource::Index(WeightsFormat::Safetensors), names);
    let shape = derive(&[(&index.0, &index.1)], &[]).unwrap();
    assert_eq!(shape.fields, BTreeMap::from([(ConfigField::Layers, 4)]));
    let header = file(
        "model.safetensors",
        TensorSource::Header(WeightsFormat::Safetensors),
        llama(5, 64, 128, 64, 32, 1000),
    );
    let shape = derive(&[(&index.0, &index.1), (&header.0, &header.1)], &[]).unwrap();
    assert_eq!(field(&shape, ConfigField::Layers), Some(5));
}

/// Of a clone that was fetched in part, the shapes that are here count, and no number that the rest could change.
#[test]
fn missing_shards_leave_numbers_to_the_index_or_open() {
    let safetensors = WeightsFormat::Safetensors;
    let first = file(
        "model-00001-of-00002.safetensors",
        TensorSource::Header(safetensors),
        llama(3, 64, 128, 64, 32, 1000),
    );
    let other = RepoPath::new("model-00002-of-00002.safetensors").unwrap();
    let weights = [(&first.0, safetensors), (&other, safetensors)];
    let shape = derive(&[(&first.0, &first.1)], &weights).unwrap();
    assert_eq!(field(&shape, ConfigField::Layers), None);
    assert_eq!(field(&shape, ConfigField::HiddenSize), Some(64));
    assert_eq!((shape.elements, shape.own_output), (None, None));
    let names = llama(4, 64, 128, 64, 32, 1000)
        .into_iter()
        .map(|one| Tensor { shape: None, element: "".into(), ..one })
        .collect();
    let index = file("model.safetensors.index.json", TensorSource::Index(safetensors), names);
    let shape = derive(&[(&index.0, &index.1), (&first.0, &first.1)], &weights).unwrap();
    assert_eq!(field(&shape, ConfigField::Layers), Some(4));
    let whole = derive(&[(&first.0, &first.1)], &weights[..1]).unwrap();
    assert_eq!(field(&whole, ConfigField::Layers), Some(3));
    assert!(whole.elements.is_some());
}

/// An index has names and no shapes: the part that sees has more tensors, and is told by what it embeds, whatever it is called.
#[test]
fn a_part_that_sees_is_not_the_language_model() {
    let named = |name: String| Tensor { name: name.into(), element: "".into(), shape: None };
    let mut list = vec![
        named("llm.model.embed_tokens.weight".to_owned()),
        named("vpm.embeddings.patch_embedding.weight".to_owned()),
    ];
    for layer in 0..32 {
        let parts = ["self_attn.q_proj.weight", "self_attn.k_proj.weight", "mlp.up_proj.weight"];
        list.extend(parts.iter().map(|part| named(format!("llm.model.layers.{layer}.{part}"))));
    }
    for layer in 0..27 {
        let parts =
            ["q_proj.weight", "q_proj.bias", "k_proj.weight", "k_proj.bias", "fc1.weight", "fc1.bias"];
        list.extend(parts.iter().map(|part| named(format!("vpm.encoder.layers.{layer}.{part}"))));
    }
    let (path, file) =
        file("model.safetensors.index.json", TensorSource::Index(WeightsFormat::Safetensors), list);
    let shape = derive(&[(&path, &file)], &[]).unwrap();
    assert_eq!(field(&shape, ConfigField::Layers), Some(32));
}

#[test]
fn odd_lists_say_nothing() {
    for list in [
        vec![],
        vec![tensor("a", &[1])],
        vec![tensor("x.0.w", &[0, 0])],
        vec![tensor("x.99999999999999999999.w", &[u64::MAX, u64::MAX]), tensor("x.1.w", &[u64::MAX; 9])],
    ] {
        let (path, file) = file("m.safetensors", TensorSource::Header(WeightsFormat::Safetensors), list);
        assert_eq!(derive(&[(&path, &file)], &[]), None);
    }
    let vast = of(vec![
        tensor("x.0.w", &[u64::MAX, 2]),
        tensor("x.1.w", &[u64::MAX, 2]),
        tensor("e", &[u64::MAX, 3]),
    ]);
    assert_eq!(vast.elements, None);
}

/// Llama-3-8B with each projection as a packed weight, its scales and its zeros.
fn packed(weight: impl Fn(u64, u64) -> [u64; 2], zeros: impl Fn(u64, u64) -> [u64; 2]) -> Vec<Tensor> {
    let element = |name: String, element: &str, shape: &[u64]| Tensor {
        name: name.into(),
        element: element.into(),
        shape: Some(shape.into()),
    };
    let mut list = Vec::new();
    for one in llama(32, 4096, 14336, 4096, 1024, 128_256) {
        let Some([outputs, inputs]) = one.shape.as_deref().filter(|_| one.name.contains("_proj")) else {
            list.push(one);
            continue;
        };
        let module = one.name.trim_end_matches("weight");
        list.push(element(format!("{module}qweight"), "I32", &weight(*outputs, *inputs)));
        list.push(element(format!("{module}qzeros"), "I32", &zeros(*outputs, *inputs)));
        list.push(element(format!("{module}scales"), "F16", &[inputs / 128, *outputs]));
        list.push(element(format!("{module}g_idx"), "I32", &[*inputs]));
    }
    list
}

#[test]
fn packed_weights_tell_what_they_were_made_from() {
    for bits in [2, 3, 4, 8] {
        let zeros = |outputs: u64, inputs: u64| [inputs / 128, outputs * bits / 32];
        assert_llama_3_8b(&of(packed(|outputs, inputs| [inputs * bits / 32, outputs], zeros)));
        assert_llama_3_8b(&of(packed(|outputs, inputs| [inputs, outputs * bits / 32], zeros)));
    }
}

#[test]
fn packed_weights_that_do_not_fit_together_tell_nothing() {
    let shape = of(packed(|_, _| [u64::MAX, 7], |_, _| [0, 0]));
    assert_eq!(field(&shape, ConfigField::IntermediateSize), None);
    assert_eq!((shape.query_rows, shape.key_rows), (None, None));
}

#[test]
fn scales_beside_a_weight_are_no_projection() {
    let mut list = llama(32, 4096, 14336, 4096, 1024, 128_256);
    for layer in 0..32 {
        for part in ["self_attn.q_proj", "self_attn.k_proj", "mlp.down_proj"] {
            list.insert(0, tensor(&format!("model.layers.{layer}.{part}.weight_scale_inv"), &[32, 112]));
        }
    }
    assert_llama_3_8b(&of(list));
}

#[test]
fn latent_attention_shows_its_heads() {
    // DeepSeek-V3's: 128 heads of 128 + 64 dimensions for keys and 128 for values.
    let mut list = vec![tensor("x.embed.weight", &[129_280, 7168])];
    for layer in 0..3 {
        for (part, shape) in [
            ("norm", vec![7168]),
            ("attn.q_a_proj", vec![1536, 7168]),
            ("attn.q_b_proj", vec![24576, 1536]),
            ("attn.kv_a_proj_with_mqa", vec![576, 7168]),
            ("attn.kv_b_proj", vec![32768, 512]),
            ("attn.o_proj", vec![7168, 16384]),
        ] {
            list.push(tensor(&format!("x.blocks.{layer}.{part}.weight"), &shape));
        }
    }
    let shape = of(list);
    for (wanted, value) in [
        (ConfigField::AttentionHeads, 128),
        (ConfigField::QueryKeyNopeHeadDimension, 128),
        (ConfigField::QueryKeyRopeHeadDimension, 64),
        (ConfigField::ValueHeadDimension, 128),
        (ConfigField::QueryLoraRank, 1536),
        (ConfigField::KeyValueLoraRank, 512),
    ] {
        assert_eq!(field(&shape, wanted), Some(value), "{wanted:?}");
    }
}

#[test]
fn experts_under_any_name_are_parts_that_are_alike() {
    let mut list = vec![tensor("x.earth.weight", &[32_000, 512])];
    for layer in 0..6 {
        list.push(tensor(&format!("x.blocks.{layer}.s.weight"), &[512]));
        list.push(tensor(&format!("x.blocks.{layer}.t.weight"), &[512]));
        let parts: &[&str] = if layer == 0 { &["bamboo"] } else { &["always", "some"] };
        for part in parts {
            let numbers = if *part == "some" { 16 } else { 1 };
            for number in 0..numbers {
                let part = if numbers > 1 { format!("{part}.{number}") } else { (*part).to_owned() };
                let inner = if layer == 0 { 2048 } else { 256 };
                for (name, shape) in [("x", [inner, 512]), ("y", [inner, 512]), ("z", [512, inner])] {
                    list.push(tensor(&format!("x.blocks.{layer}.{part}.{name}.weight"), &shape));
                }
            }
        }
    }
    let shape = of(list);
    for (wanted, value) in [
        (ConfigField::Experts, 16),
        (ConfigField::ExpertIntermediateSize, 256),
        (ConfigField::IntermediateSize, 2048),
        (ConfigField::FirstDenseLayers, 1),
    ] {
        assert_eq!(field(&shape, wanted), Some(value), "{wanted:?} of {:?}", shape.fields);
    }
    assert_eq!(shape.elements.unwrap().routed_experts, 5 * 16 * 3 * 512 * 256);
}

#[test]
fn blocks_within_a_stage_are_no_experts() {
    let mut list = vec![tensor("embed.weight", &[32_000, 512])];
    for stage in 0..4 {
        for block in 0..6 {
            for part in ["q", "k", "v", "o"] {
                list.push(tensor(&format!("stages.{stage}.blocks.{block}.{part}.weight"), &[512, 512]));
            }
        }
    }
    assert_eq!(field(&of(list), ConfigField::Experts), None);
}
