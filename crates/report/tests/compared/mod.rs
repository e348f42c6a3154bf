//! Comparisons of two models, built by hand.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses a part of it")]

use forebear_report::weights::{Compared, Side, Trouble};
use forebear_weights::compare::{
    Alignment, Caveat, Comparison, GroupResult, LayerMatrix, PValue, Robust, TestGroup, Verdict,
};
use forebear_weights::describe::{Description, SketchDescription, TensorDescription};
use forebear_weights::sketch::Group;
use forebear_weights::tokenizer::{Relation, TokenizerComparison};

/// Both sides and the result.
pub struct Built {
    pub suspect: Side,
    pub base: Side,
    pub result: Comparison,
}

impl Built {
    pub fn compared(&self) -> Compared<'_> {
        Compared { suspect: &self.suspect, base: &self.base, result: &self.result }
    }
}

/// A model of six layers that are those of the base but for two, and share no feature in one pair.
pub fn dropped() -> Built {
    const FOUND: [u16; 6] = [0, 1, 2, 5, 6, 7];
    let z = |row: u16, column: u16| match (row, column) {
        (3, 0) => f32::NAN,
        _ if FOUND[usize::from(row)] == column => 52.4 - 8.5 * f32::from(row),
        _ => f32::from((row * 31 + column * 17) % 30) / 5.0 - 2.9,
    };
    Built {
        result: comparison(Verdict::SharedWeights, 1.0, matrix(6, 8, z)),
        ..sides("suspect", "base.print")
    }
}

/// A model with as many layers as asked for, in the order of the base or backwards, at every step of the scale; the rest is chance.
pub fn deep(layers: u16, backwards: bool) -> Built {
    let z = |row: u16, column: u16| {
        let same = if backwards { layers - 1 - row } else { row } == column;
        let chance = f32::from((row * 7 + column * 13) % 29) / 5.0 - 2.8;
        if same { 6.5 + f32::from(row % 40) } else { chance }
    };
    Built {
        result: comparison(Verdict::SharedWeights, 1.0, matrix(layers, layers, z)),
        ..sides("deep", "base")
    }
}

/// Nothing is shared, dimensions were assigned, files are cut, and every name is `evil`.
pub fn withheld(evil: &str) -> Built {
    let mut built =
        Built { result: comparison(Verdict::Withheld, 0.01, matrix(2, 2, |_, _| 0.5)), ..sides(evil, evil) };
    let trouble = |remedy: Option<&str>| Trouble {
        path: evil.to_owned(),
        tensor: Some(evil.to_owned()),
        what: evil.to_owned(),
        remedy: remedy.map(str::to_owned),
    };
    built.suspect.description.name = Some(evil.to_owned());
    built.suspect.problems = vec![trouble(Some(evil)), trouble(None)];
    built.base.description.sketch = None;
    built.base.description.reason = Some(evil.to_owned());
    built.result.robust = Some(Robust {
        groups: vec![test(TestGroup::Features(Group::Weights), -0.04, Alignment::Assigned)],
        features: 46,
        dimensions: 128,
        in_place: 1,
    });
    built.result.caveats.push(Caveat::NoSketch { which: "base", reason: evil.to_owned() });
    built.result.identical_tensors = None;
    built
}

fn matrix(rows: u16, columns: u16, z: impl Fn(u16, u16) -> f32) -> LayerMatrix {
    let mut all = Vec::new();
    for row in 0..rows {
        all.extend((0..columns).map(|column| z(row, column)));
    }
    LayerMatrix { suspect: (0..rows).collect(), base: (0..columns).collect(), z: all }
}

fn test(group: TestGroup, z: f64, alignment: Alignment) -> GroupResult {
    let strong = z >= 8.0;
    let (p, reached, draws) = if strong { (1e-6, 0, 999_999) } else { (0.41, 105, 256) };
    GroupResult {
        group,
        z,
        p: PValue { p, reached, draws },
        corrected: if strong { 8e-6 } else { 1.0 },
        at_floor: strong,
        features: 42,
        dimensions: 64,
        alignment,
    }
}

fn comparison(verdict: Verdict, share: f64, layer_matrix: LayerMatrix) -> Comparison {
    let of = |group, z: f64, alignment| test(group, z * share, alignment);
    Comparison {
        verdict,
        groups: vec![
            of(TestGroup::Features(Group::Norms), 20.04, Alignment::Map),
            of(TestGroup::Features(Group::Weights), 74.5, Alignment::Map),
            of(TestGroup::Features(Group::Embeddings), 41.0, Alignment::Number),
            of(TestGroup::UnusedTokens, 23.0, Alignment::Number),
        ],
        layer_map: layer_matrix.best(),
        layer_matrix,
        identical_tensors: Some(3),
        compared_tensors: 57,
        robust: None,
        tokenizer: Some(TokenizerComparison {
            relation: Relation::Extended,
            suspect_in_base: Some(0.941),
            base_in_suspect: Some(1.0),
            jaccard: Some(0.941),
            shared: 90,
            equal_ids: 1.0,
            offset: Some((0, 1.0)),
            spearman: Some(1.0),
            controls_shared: None,
        }),
        caveats: vec![Caveat::GuessedRoles],
        false_positives_at_most: 8e-6,
        sensitivity: Some(0.0612),
    }
}

fn sides(suspect: &str, base: &str) -> Built {
    let sketch = SketchDescription {
        width: 4096,
        layers: 6,
        dimensions: 128,
        rows: 1,
        features: Vec::new(),
        tokens_by: "bytes",
        constant: 0,
        not_finite: 0,
        unreadable: 0,
        fixed_sinusoids: false,
    };
    let description = Description {
        version: 1,
        name: None,
        bytes: 4711,
        sketch: Some(sketch),
        reason: None,
        tensors: TensorDescription {
            count: 60,
            digests: Some(57),
            deterministic: 3,
            guessed: 0,
            unplaced: 0,
        },
        unused_tokens: 40,
        tokenizer: None,
    };
    let side = |path: &str, is_fingerprint| Side {
        path: path.to_owned(),
        is_fingerprint,
        description: description.clone(),
        problems: Vec::new(),
    };
    let mut base = side(base, true);
    base.description.name = Some("an-organisation/A-Base@9b4d1c5a".to_owned());
    Built {
        suspect: side(suspect, false),
        base,
        result: comparison(Verdict::None, 0.0, LayerMatrix::default()),
    }
}
