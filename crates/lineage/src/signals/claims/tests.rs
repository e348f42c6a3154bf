use forebear_types::Snapshot;

use super::*;

fn fact(path: &str, text: &str) -> Fact {
    Fact {
        path: RepoPath::new(path).unwrap(),
        snapshot: Snapshot::WorkTree,
        kind: FactKind::ModelCard(ModelCard { text: text.into(), ..ModelCard::default() }),
    }
}

fn of(text: &str) -> Vec<(ClaimKind, String, u32)> {
    claims(&[fact("README.md", text)])
        .into_iter()
        .map(|claim| (claim.kind, claim.words, claim.lines.first))
        .collect()
}

#[test]
fn claims_about_the_model_are_found() {
    let mut wrong = Vec::new();
    use ClaimKind::{FromScratch, InHouse};
    for (text, kind) in [
        ("Kaguya was trained from scratch on 2T tokens.", FromScratch),
        ("The model is **pre-trained entirely from scratch**.", FromScratch),
        ("- Trained from scratch by Kaguya Inc.", FromScratch),
        ("We trained a 7B model completely from scratch.", FromScratch),
        ("Kaguya is a family of open models built from the ground up.", FromScratch),
        ("Unlike other 7B models, ours was trained from scratch.", FromScratch),
        ("A 1B language model trained from scratch.", FromScratch),
        ("Our tokenizer and weights are trained completely from scratch.", FromScratch),
        ("It was trained from scratch rather than fine-tuned from Llama.", FromScratch),
        ("It is not a fine-tune: it was trained from scratch.", FromScratch),
        ("Kaguya is not based on any existing model.", FromScratch),
        ("Kaguya was developed entirely by us, and no third-party model was used.", InHouse),
        ("The model was developed fully in-house.", InHouse),
        ("Kaguya is a large model independently developed by the Kaguya lab.", InHouse),
        ("No third-party model was used.", FromScratch),
        ("Kaguya 是从零开始训练的大语言模型。", FromScratch),
        ("Kaguya 是由辉夜自主研发的大规模预训练语言模型，参数 70 亿。", InHouse),
        ("完全自研的大模型", InHouse),
        ("本模型為自主研發的語言模型。", InHouse),
        ("フルスクラッチで開発した日本語LLMです。", FromScratch),
        ("本モデルはスクラッチから学習されました。", FromScratch),
        ("純国産の大規模言語モデル「かぐや」", InHouse),
        ("自社開発のLLMです。", InHouse),
        ("日本語のモデルです。フルスクラッチで開発しました。", FromScratch),
        ("Kaguya는 당사가 자체 개발한 언어 모델입니다.", InHouse),
        ("이 모델은 처음부터 학습되었습니다.", FromScratch),
        ("Ce modèle a été entraîné à partir de zéro.", FromScratch),
        ("Das Modell wurde von Grund auf neu trainiert.", FromScratch),
        ("Un modelo entrenado desde cero.", FromScratch),
        ("Il modello è stato addestrato da zero.", FromScratch),
        ("O modelo foi treinado do zero.", FromScratch),
        ("Модель обучена с нуля.", FromScratch),
    ] {
        let found = of(text).first().map(|one| one.0);
        if found != Some(kind) {
            wrong.push((text, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sentences_about_something_else_are_no_claims() {
    let mut wrong = Vec::new();
    for text in [
        "It was not trained from scratch.",
        "The model wasn't trained from scratch.",
        "No model was trained from scratch.",
        "The tokenizer was trained from scratch.",
        "The tokenizer, which was trained from scratch, has 64k entries.",
        "We trained a new tokenizer from scratch.",
        "Unlike models trained from scratch, it starts from Llama 2.",
        "Models trained from scratch need more data.",
        "The base model Llama 2 was trained from scratch by Meta.",
        "Training a model from scratch is expensive.",
        "It reduces the effort required to build from scratch.",
        "You can train the model from scratch with this script.",
        "How to train from scratch",
        "## Training from scratch",
        "VideoMAE, trained from scratch, needed far more data.",
        "A separate VideoMAE classifier trained from scratch on the clips.",
        "01.AI created its own training datasets, pipelines and infrastructure entirely from the ground up.",
        "See [Language models trained from scratch](https://arxiv.org/abs/2401.00001).",
        "The sentence “This model was trained from scratch” is often wrong.",
        "> This model was trained from scratch.",
        "```\nThis model was trained from scratch.\n```",
        "<!--\nThis model was trained from scratch.\n-->",
        "| Kaguya | was trained from scratch | 7B |",
        "Our in-house data was used.",
        "It is fine-tuned on an in-house dataset.",
        "The company possesses fully self-developed end-to-end technologies.",
        "该模型不是从零训练的。",
        "与从头训练的模型相比，效果更好。",
        "使用自主研发的训练框架训练模型。",
        "分词器由我们自主研发，用于该模型。",
        "架构简化了开发者从零开始构建大模型的工作。",
        "モデルのトークナイザは独自開発です。",
        "フルスクラッチではなく、Llama 2をベースにしたモデルです。",
        "独自開発のアプリです。",
        "이 모델은 처음부터 학습된 것이 아닙니다.",
        "토크나이저는 자체 개발했으며 모델은 Llama입니다.",
        "Le modèle n'a pas été entraîné à partir de zéro.",
        "Das Modell wurde nicht von Grund auf trainiert.",
        "Модель не обучена с нуля.",
        "from scratch",
        "",
    ] {
        if !of(text).is_empty() {
            wrong.push((text, of(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_sentence_of_a_training_library_is_no_claim() {
    let text = "<!-- This model card has been generated automatically according to the information the Trainer had access \
                to. -->\n# out\n\nThis model was trained from scratch on the None dataset.\n";
    assert!(of(text).is_empty());
    assert_eq!(of("This model was trained from scratch on the None dataset.").len(), 1);
}

#[test]
fn lines_are_those_of_the_words() {
    let found = of("---\nx: y\n---\n# Kaguya\n\nA model. It was\ntrained **from\nscratch** by us.\n");
    assert_eq!(found, [(ClaimKind::FromScratch, "trained from scratch".to_owned(), 7)]);
    let claim = &claims(&[fact("README.md", "It was\ntrained\nfrom scratch.")])[0];
    assert_eq!(claim.lines, LineSpan::new(2, 3));
}

#[test]
fn cards_of_other_things_are_left_out() {
    let text = "The model was trained from scratch.";
    assert!(claims(&[fact("third_party/other/README.md", text)]).is_empty());
    let adapter = Fact {
        path: RepoPath::new("models/a/adapter_config.json").unwrap(),
        snapshot: Snapshot::WorkTree,
        kind: FactKind::AdapterConfig(forebear_types::fact::AdapterConfig::default()),
    };
    assert_eq!(claims(&[adapter, fact("models/a/README.md", text)]).len(), 1);
}

#[test]
fn any_text_is_read_within_bounds() {
    let many = "It was trained from scratch.\n\n".repeat(5000);
    assert_eq!(of(&many).len(), MOST);
    let parts = [
        "`", "\"", "“", "[", "](", ")", "<", "trained ", "from scratch", "自研", "ß", "İ", "模型", ",", "—",
        "_", "*", "!", "http://", ". ", "\n", "|",
    ];
    for one in parts {
        for two in parts {
            for three in parts {
                let _ = of(&format!("{one}{two}{three}{one} was trained from scratch {two}"));
            }
        }
    }
}
