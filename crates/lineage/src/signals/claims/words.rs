//! The words of claims, by language, and those that make a sentence something else.
//!
//! All of it is in lower case. To add a language, add a table and a line to [`LANGUAGES`].

use super::ClaimKind::{self, FromScratch, InHouse};

/// How claims are worded in one language.
pub(super) struct Language {
    /// Whether words stand apart, so that only whole ones count.
    pub(super) spaced: bool,
    pub(super) patterns: &'static [Pattern],
    /// Marks that end a clause.
    pub(super) marks: &'static [char],
    /// Words that begin a relative clause: its subject stands in the clause before.
    pub(super) relative: &'static [&'static str],
    /// Words of the same clause that deny, compare, advise or speak of another model.
    pub(super) against: &'static [&'static str],
    /// What else may be made from scratch or in-house.
    pub(super) other_subjects: &'static [&'static str],
    /// Words by which the model is named beside something else.
    pub(super) joined: &'static [&'static str],
    /// Words for a model, one of which the paragraph has to have; empty where the verb is enough.
    pub(super) subjects: &'static [&'static str],
    /// Whether the verb may stand behind the tail.
    pub(super) verb_behind: bool,
}

/// One wording.
pub(super) struct Pattern {
    pub(super) kind: ClaimKind,
    /// Verbs one of which has to stand near the tail; none where the tail is enough.
    pub(super) verbs: &'static [&'static str],
    pub(super) tail: &'static str,
    /// Whether the words are a claim whatever stands around them: they deny an origin themselves.
    pub(super) sure: bool,
}

const fn says(kind: ClaimKind, verbs: &'static [&'static str], tail: &'static str) -> Pattern {
    Pattern { kind, verbs, tail, sure: false }
}

/// Words that deny any other origin: who used no other model started from scratch.
const fn denies(tail: &'static str) -> Pattern {
    Pattern { kind: FromScratch, verbs: &[], tail, sure: true }
}

pub(super) static LANGUAGES: &[&Language] =
    &[&ENGLISH, &CHINESE, &JAPANESE, &KOREAN, &FRENCH, &GERMAN, &SPANISH, &ITALIAN, &PORTUGUESE, &RUSSIAN];

/// English adverbs that say how much of it is meant.
pub(super) const ADVERBS: &[&str] =
    &["fully", "entirely", "completely", "wholly", "independently", "and", "newly"];

/// English words that make a clause a statement, or name the publisher.
pub(super) const FINITE: &[&str] = &[
    "is", "are", "was", "were", "been", "we", "our", "us", "introduce", "introduces", "release", "releases",
    "present", "presents", "am", "i", "team", "has", "have",
];

const TRAINED: &[&str] = &[
    "trained",
    "pretrained",
    "pre-trained",
    "built",
    "developed",
    "created",
    "train",
    "pretrain",
    "pre-train",
    "made",
    "designed and trained",
    "constructed",
];
const MADE: &[&str] = &["trained", "pretrained", "pre-trained", "built", "developed", "created", "made"];

pub(super) static ENGLISH: Language = Language {
    spaced: true,
    patterns: &[
        says(FromScratch, TRAINED, "from scratch"),
        says(FromScratch, TRAINED, "from the ground up"),
        says(FromScratch, TRAINED, "from random initialization"),
        says(FromScratch, TRAINED, "from random initialisation"),
        says(FromScratch, &["trained", "pretrained", "pre-trained"], "from zero"),
        denies("not a fine-tune of any"),
        denies("not a fine-tuned version of any"),
        denies("not based on any existing model"),
        denies("not based on any other model"),
        denies("not derived from any existing model"),
        denies("not derived from any other model"),
        denies("no pretrained weights were used"),
        denies("no pre-trained weights were used"),
        denies("no base model was used"),
        denies("no third-party model"),
        denies("no third-party models"),
        denies("no third party model"),
        denies("without any third-party model"),
        denies("without using any third-party model"),
        denies("does not use any third-party model"),
        says(InHouse, MADE, "in-house"),
        says(InHouse, MADE, "in house"),
        says(InHouse, &[], "fully in-house"),
        says(InHouse, &[], "entirely in-house"),
        says(InHouse, &[], "completely in-house"),
        says(InHouse, &[], "developed entirely by"),
        says(InHouse, &[], "built entirely by"),
        says(InHouse, &[], "trained entirely by"),
        says(InHouse, &[], "independently developed"),
        says(InHouse, &[], "self-developed"),
        says(InHouse, &[], "indigenously developed"),
        says(InHouse, &[], "fully indigenous"),
        says(InHouse, &[], "homegrown"),
        says(InHouse, &[], "home-grown"),
    ],
    marks: &[',', ';', ':', '(', ')', '…', '—'],
    relative: &[
        "which", "that", "who", "trained", "pretrained", "pre-trained", "developed", "built", "and", "both",
        "all", "fully", "entirely", "completely",
    ],
    against: &[
        "not",
        "never",
        "no",
        "nor",
        "neither",
        "isn't",
        "wasn't",
        "aren't",
        "weren't",
        "don't",
        "didn't",
        "doesn't",
        "cannot",
        "can't",
        "without",
        "unlike",
        "than",
        "instead of",
        "rather than",
        "compared",
        "versus",
        "vs",
        "if",
        "whether",
        "when",
        "can",
        "could",
        "may",
        "might",
        "should",
        "would",
        "must",
        "will",
        "need",
        "needs",
        "require",
        "requires",
        "required",
        "how to",
        "to be",
        "the cost",
        "the original",
        "original",
        "the base model",
        "its base model",
        "the underlying model",
        "backbone",
        "teacher",
        "other models",
        "existing models",
        "baseline",
        "baselines",
        "most",
        "some",
        "others",
        "their",
        "instead",
        "to train",
        "to build",
        "to develop",
        "to pretrain",
        "to pre-train",
        "to create",
        "being",
        "script",
        "scripts",
        "experiments",
        "ablation",
        "you",
        "your",
        "users",
        "companies",
        "organizations",
    ],
    other_subjects: &[
        "tokenizer", "tokenizers", "tokeniser", "vocabulary", "vocab", "classifier", "encoder", "encoders",
        "decoder", "head", "heads", "adapter", "adapters", "lora", "projector", "connector", "layer",
        "layers", "dataset", "datasets", "data", "corpus", "corpora", "framework", "library", "pipeline",
        "pipelines", "infrastructure", "engine", "app", "application", "tool", "tools", "toolkit",
        "platform", "benchmark", "reward model", "draft model", "vae", "vocoder", "codec", "router",
        "technologies", "technology", "website", "code", "kernel", "kernels", "algorithm", "chip", "chips",
        "evaluation", "test set",
    ],
    joined: &["and weights", "and model", "and the model", "model and", "models and", "weights and"],
    subjects: &[],
    verb_behind: false,
};

const EAST_ASIAN_MARKS: &[char] = &[',', '，', '、', ';', '；', ':', '：', '(', ')', '（', '）', '…'];

static CHINESE: Language = Language {
    spaced: false,
    patterns: &[
        says(FromScratch, &[], "从零训练"),
        says(FromScratch, &[], "从零开始训练"),
        says(FromScratch, &[], "从零预训练"),
        says(FromScratch, &[], "从零开始预训练"),
        says(FromScratch, &[], "从零研发"),
        says(FromScratch, &[], "从零开始研发"),
        says(FromScratch, &[], "从零自研"),
        says(FromScratch, &[], "从零打造"),
        says(FromScratch, &[], "从头训练"),
        says(FromScratch, &[], "从头开始训练"),
        says(FromScratch, &[], "从头预训练"),
        says(FromScratch, &[], "从头开始预训练"),
        says(FromScratch, &[], "從零訓練"),
        says(FromScratch, &[], "從零開始訓練"),
        says(FromScratch, &[], "從頭訓練"),
        says(FromScratch, &[], "從頭開始訓練"),
        denies("未使用任何第三方模型"),
        denies("没有使用任何第三方模型"),
        says(InHouse, &[], "自主研发"),
        says(InHouse, &[], "自主研發"),
        says(InHouse, &[], "自主研制"),
        says(InHouse, &[], "自主开发"),
        says(InHouse, &[], "自主開發"),
        says(InHouse, &[], "独立研发"),
        says(InHouse, &[], "完全自研"),
        says(InHouse, &[], "全栈自研"),
        says(InHouse, &[], "纯自研"),
        says(InHouse, &[], "自研"),
        says(InHouse, &[], "国产大模型"),
        says(InHouse, &[], "国产大语言模型"),
        says(InHouse, &[], "纯国产"),
    ],
    marks: EAST_ASIAN_MARKS,
    relative: &[],
    against: &[
        "不是", "并非", "並非", "而非", "并不", "未能", "无需", "無需", "不需要", "不必", "相比", "对比",
        "比起", "不同于", "不同於", "区别于", "成本", "简化", "减少", "如果", "如何", "可以", "能够从",
        "教程", "学习如何", "基线", "原始", "避免", "需要",
    ],
    other_subjects: &[
        "分词", "词表", "分詞", "詞表", "tokenizer", "数据", "資料", "语料", "工具", "平台", "框架", "芯片",
        "晶片", "算法", "演算法", "引擎", "系统", "编码器", "适配器", "训练集", "评测", "技术", "机器人",
        "算子",
    ],
    joined: &["模型和", "模型及", "模型与", "和模型", "及模型"],
    subjects: &["模型", "llm", "基座", "gpt"],
    verb_behind: false,
};

static JAPANESE: Language = Language {
    spaced: false,
    patterns: &[
        says(FromScratch, &[], "フルスクラッチ"),
        says(FromScratch, &[], "スクラッチから学習"),
        says(FromScratch, &[], "スクラッチから事前学習"),
        says(FromScratch, &[], "スクラッチから開発"),
        says(FromScratch, &[], "スクラッチから構築"),
        says(FromScratch, &[], "スクラッチから訓練"),
        says(FromScratch, &[], "スクラッチで学習"),
        says(FromScratch, &[], "スクラッチで事前学習"),
        says(FromScratch, &[], "スクラッチで開発"),
        says(FromScratch, &[], "スクラッチで構築"),
        says(FromScratch, &[], "スクラッチ学習"),
        says(FromScratch, &[], "スクラッチ開発"),
        says(FromScratch, &[], "ゼロから学習"),
        says(FromScratch, &[], "ゼロから事前学習"),
        says(FromScratch, &[], "ゼロから開発"),
        says(FromScratch, &[], "ゼロから構築"),
        says(FromScratch, &[], "一から学習"),
        says(FromScratch, &[], "一から開発"),
        says(FromScratch, &[], "一から構築"),
        says(InHouse, &[], "純国産"),
        says(InHouse, &[], "完全国産"),
        says(InHouse, &[], "国産"),
        says(InHouse, &[], "自社開発"),
        says(InHouse, &[], "完全自社"),
        says(InHouse, &[], "自社で開発"),
        says(InHouse, &[], "独自開発"),
        says(InHouse, &[], "独自に開発"),
        denies("既存のモデルを使用せず"),
        denies("他社のモデルを使用していません"),
    ],
    marks: EAST_ASIAN_MARKS,
    relative: &[],
    against: &[
        "ではな",
        "じゃな",
        "ません",
        "しない",
        "せずに",
        "必要",
        "場合",
        "より",
        "比べ",
        "比較",
        "コスト",
        "異な",
        "違い",
        "代わり",
        "方法",
        "できます",
        "可能",
        "牛",
        "米",
        "元のモデル",
        "ベースモデルは",
    ],
    other_subjects: &[
        "トークナイザ",
        "語彙",
        "データ",
        "コーパス",
        "ライブラリ",
        "フレームワーク",
        "アプリ",
        "ツール",
        "サイト",
        "エンコーダ",
        "分類器",
        "アルゴリズム",
        "技術",
        "チップ",
        "システム",
        "ベンチマーク",
    ],
    joined: &["モデルと", "とモデル", "モデル・", "モデル及び", "モデルおよび"],
    subjects: &["モデル", "llm", "ai", "gpt"],
    verb_behind: false,
};

static KOREAN: Language = Language {
    spaced: false,
    patterns: &[
        says(FromScratch, &[], "처음부터 학습"),
        says(FromScratch, &[], "처음부터 훈련"),
        says(FromScratch, &[], "처음부터 사전학습"),
        says(FromScratch, &[], "처음부터 사전 학습"),
        says(FromScratch, &[], "처음부터 끝까지 자체"),
        says(FromScratch, &[], "밑바닥부터 학습"),
        says(FromScratch, &[], "프롬 스크래치"),
        says(FromScratch, &[], "프롬스크래치"),
        says(InHouse, &[], "자체 개발"),
        says(InHouse, &[], "자체개발"),
        says(InHouse, &[], "자체적으로 개발"),
        says(InHouse, &[], "독자 개발"),
        says(InHouse, &[], "독자적으로 개발"),
        says(InHouse, &[], "순수 국산"),
        says(InHouse, &[], "국산 언어"),
        says(InHouse, &[], "국산 llm"),
        says(InHouse, &[], "국산 ai"),
    ],
    marks: EAST_ASIAN_MARKS,
    relative: &[],
    against: &["아니", "아닙", "않", "비해", "비교", "대신", "필요", "경우", "없이", "달리", "보다", "방법"],
    other_subjects: &[
        "토크나이저", "어휘", "데이터", "말뭉치", "라이브러리", "프레임워크", "플랫폼", "도구", "엔진", "칩",
        "알고리즘", "인코더", "시스템",
    ],
    joined: &["모델과", "모델 및"],
    subjects: &["모델", "llm", "gpt"],
    verb_behind: false,
};

const MARKS: &[char] = &[',', ';', ':', '(', ')', '…', '—'];

static FRENCH: Language = Language {
    spaced: true,
    patterns: &[
        says(FromScratch, FRENCH_VERBS, "à partir de zéro"),
        says(FromScratch, FRENCH_VERBS, "de zéro"),
        says(FromScratch, FRENCH_VERBS, "from scratch"),
        says(InHouse, FRENCH_VERBS, "en interne"),
        denies("aucun modèle tiers"),
    ],
    marks: MARKS,
    relative: &["qui"],
    against: &[
        "pas", "jamais", "ni", "contrairement", "plutôt", "sans", "peut", "si", "comme", "comparé",
        "par rapport", "coût", "le modèle de base", "original",
    ],
    other_subjects: &[
        "tokenizer", "tokeniseur", "vocabulaire", "données", "corpus", "encodeur", "classifieur", "cnn",
        "outil",
    ],
    joined: &[],
    subjects: &[],
    verb_behind: false,
};
const FRENCH_VERBS: &[&str] = &[
    "entraîné", "entraînée", "entraînés", "entraînées", "développé", "développée", "développés", "construit",
    "conçu",
];

static GERMAN: Language = Language {
    spaced: true,
    patterns: &[
        says(FromScratch, GERMAN_VERBS, "von grund auf"),
        says(FromScratch, GERMAN_VERBS, "von null auf"),
        says(FromScratch, GERMAN_VERBS, "from scratch"),
        says(InHouse, &[], "eigenentwickelt"),
        says(InHouse, &[], "eigenentwickeltes"),
        says(InHouse, &[], "vollständig intern entwickelt"),
    ],
    marks: MARKS,
    relative: &["das", "die", "der", "welches"],
    against: &[
        "nicht", "kein", "keine", "nie", "ohne", "statt", "anstatt", "anders", "gegensatz", "verglichen",
        "kann", "wenn", "kosten", "als", "basismodell",
    ],
    other_subjects: &[
        "tokenizer", "vokabular", "datensatz", "daten", "korpus", "encoder", "klassifikator", "werkzeug",
    ],
    joined: &[],
    subjects: &[],
    verb_behind: true,
};
const GERMAN_VERBS: &[&str] =
    &["trainiert", "trainiertes", "entwickelt", "entwickeltes", "vortrainiert", "gebaut", "aufgebaut"];

static SPANISH: Language = Language {
    spaced: true,
    patterns: &[says(FromScratch, SPANISH_VERBS, "desde cero"), says(InHouse, SPANISH_VERBS, "internamente")],
    marks: MARKS,
    relative: &["que"],
    against: &[
        "no", "nunca", "ni", "sin", "en lugar", "a diferencia", "puede", "si", "comparado", "coste",
        "modelo base",
    ],
    other_subjects: &[
        "tokenizador", "tokenizer", "vocabulario", "datos", "corpus", "codificador", "clasificador",
    ],
    joined: &[],
    subjects: &[],
    verb_behind: false,
};
const SPANISH_VERBS: &[&str] = &[
    "entrenado", "entrenada", "entrenados", "preentrenado", "pre-entrenado", "desarrollado", "desarrollada",
    "construido",
];

static ITALIAN: Language = Language {
    spaced: true,
    patterns: &[
        says(FromScratch, ITALIAN_VERBS, "da zero"),
        says(FromScratch, ITALIAN_VERBS, "from scratch"),
        says(InHouse, ITALIAN_VERBS, "internamente"),
    ],
    marks: MARKS,
    relative: &["che"],
    against: &[
        "non", "mai", "né", "senza", "invece", "a differenza", "può", "se", "rispetto", "costo",
        "modello base",
    ],
    other_subjects: &["tokenizer", "vocabolario", "dati", "corpus", "codificatore", "classificatore"],
    joined: &[],
    subjects: &[],
    verb_behind: false,
};
const ITALIAN_VERBS: &[&str] =
    &["addestrato", "addestrata", "addestrati", "preaddestrato", "pre-addestrato", "sviluppato"];

static PORTUGUESE: Language = Language {
    spaced: true,
    patterns: &[
        says(FromScratch, PORTUGUESE_VERBS, "do zero"),
        says(InHouse, PORTUGUESE_VERBS, "internamente"),
    ],
    marks: MARKS,
    relative: &["que"],
    against: &[
        "não", "nunca", "nem", "sem", "em vez", "ao contrário", "diferente", "pode", "se", "comparado",
        "custo", "modelo base",
    ],
    other_subjects: &[
        "tokenizador", "tokenizer", "vocabulário", "dados", "corpus", "codificador", "classificador",
    ],
    joined: &[],
    subjects: &[],
    verb_behind: false,
};
const PORTUGUESE_VERBS: &[&str] =
    &["treinado", "treinada", "treinados", "pré-treinado", "desenvolvido", "construído"];

static RUSSIAN: Language = Language {
    spaced: true,
    patterns: &[says(FromScratch, RUSSIAN_VERBS, "с нуля"), says(InHouse, &[], "собственной разработки")],
    marks: MARKS,
    relative: &["которая", "которую", "обученная"],
    against: &[
        "не", "никогда", "без", "вместо", "отличие", "может", "если", "чем", "сравнению", "стоимость",
        "базовая",
    ],
    other_subjects: &[
        "токенизатор",
        "токенайзер",
        "словарь",
        "данных",
        "корпус",
        "энкодер",
        "классификатор",
        "инструмент",
    ],
    joined: &[],
    subjects: &[],
    verb_behind: false,
};
const RUSSIAN_VERBS: &[&str] = &[
    "обучен",
    "обучена",
    "обучены",
    "обученная",
    "обученный",
    "обучали",
    "обучили",
    "предобучена",
    "предобучен",
    "разработана",
    "разработан",
];
