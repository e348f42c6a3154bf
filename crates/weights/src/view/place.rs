//! Puts tensors in their places: width, layers, names, layout, and what shapes say where names are silent.

use std::collections::BTreeMap;

use forebear_types::weights::WeightTensor;

use super::anonymous;
use super::names::{Said, is_bias, said};
use super::{Axis, Placed, Role, View, layer};

/// A wider residual stream than any model has. It bounds what is allocated for a shape that lies.
const WIDEST: u64 = 1 << 17;

/// A tensor without its dimensions of 1.
pub(super) struct Shape {
    pub(super) index: usize,
    pub(super) dimensions: Vec<u64>,
}

pub(super) fn view(tensors: &[WeightTensor]) -> View {
    let shapes: Vec<Shape> = tensors
        .iter()
        .enumerate()
        .filter(|(_, tensor)| tensor.elements().is_some_and(|elements| elements > 0))
        .map(|(index, tensor)| Shape {
            index,
            dimensions: tensor.shape.iter().copied().filter(|dimension| *dimension > 1).collect(),
        })
        .filter(|shape| (1..=3).contains(&shape.dimensions.len()))
        .collect();
    let empty = |reason: &str| View {
        unplaced: (0..tensors.len()).collect(),
        reason: Some(reason.to_owned()),
        ..View::default()
    };
    let Some(width) = width(&shapes) else {
        return empty("no dimension is shared by most matrices, as the residual stream of a transformer is");
    };
    let names: Vec<&str> = tensors.iter().map(|tensor| &*tensor.name).collect();
    let mut counts = vec![false; tensors.len()];
    for shape in &shapes {
        counts[shape.index] = on_a_side(shape, width);
    }
    let (layers, experts, count) = layer::layers(&names, &counts);
    let mut placing = Placing { width, tensors, layers, experts, placed: Vec::new(), loose: Vec::new() };
    placing.by_name(&shapes);
    let total = placing.by_shape(&shapes, count);
    placing.outside_layers(&shapes);
    let Placing { mut placed, .. } = placing;
    let reads = placed.iter().any(|part| part.role.is_matrix() && !part.role.writes());
    let writes = placed.iter().any(|part| part.role.writes());
    if !reads || !writes {
        return empty(
            "no matrices that read a residual stream and none that write it, as the blocks of a transformer do",
        );
    }
    placed.sort_by_key(|part| (part.layer, part.role, part.bias, part.expert, part.tensor, part.first));
    let mut known = vec![false; tensors.len()];
    for part in &placed {
        known[part.tensor] = true;
    }
    View {
        width: u32::try_from(width).unwrap_or(0),
        layers: total,
        placed,
        unplaced: (0..tensors.len()).filter(|index| !known[*index]).collect(),
        reason: None,
    }
}

/// Whether one of the two innermost dimensions is the residual width.
pub(super) fn on_a_side(shape: &Shape, width: u64) -> bool {
    shape.dimensions.iter().rev().take(2).any(|dimension| *dimension == width)
}

/// The dimension that most matrices have. Among equals: the one that more vectors have, then the smaller (the inner width of a
/// feed-forward network is in all its matrices too).
fn width(shapes: &[Shape]) -> Option<u64> {
    let mut votes: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    let mut matrices = 0u64;
    for shape in shapes {
        let last_two = &shape.dimensions[shape.dimensions.len().saturating_sub(2)..];
        if let [one] = last_two {
            votes.entry(*one).or_default().1 += 1;
        } else {
            matrices += 1;
            votes.entry(last_two[0]).or_default().0 += 1;
            if last_two[0] != last_two[1] {
                votes.entry(last_two[1]).or_default().0 += 1;
            }
        }
    }
    let (width, (having, _)) =
        votes.into_iter().filter(|(dimension, _)| (8..=WIDEST).contains(dimension)).max_by_key(
            |(dimension, (matrices, vectors))| (*matrices, *vectors, std::cmp::Reverse(*dimension)),
        )?;
    // Half: latent attention and second towers have matrices of their own.
    (having >= 2 && having * 2 >= matrices).then_some(width)
}

struct Placing<'a> {
    width: u64,
    tensors: &'a [WeightTensor],
    layers: Vec<Option<u16>>,
    experts: Vec<Option<u32>>,
    placed: Vec<Placed>,
    /// Shapes (by position) whose names say nothing.
    loose: Vec<usize>,
}

impl Placing<'_> {
    fn by_name(&mut self, shapes: &[Shape]) {
        let known: Vec<Option<Said>> = shapes
            .iter()
            .map(|shape| said(&self.tensors[shape.index].name, self.layers[shape.index].is_some()))
            .collect();
        // Gemma has norms before and after both halves of a block; elsewhere "post attention" is before the feed-forward network.
        let has_before = |layer| {
            shapes.iter().zip(&known).any(|(shape, said)| {
                self.layers[shape.index] == layer && *said == Some(Said::Role(Role::NormFeedForward))
            })
        };
        let mut before: BTreeMap<Option<u16>, bool> = BTreeMap::new();
        for shape in shapes {
            let layer = self.layers[shape.index];
            before.entry(layer).or_insert_with(|| has_before(layer));
        }
        let transposed = self.layout(shapes, &known);
        for (position, (shape, said)) in shapes.iter().zip(&known).enumerate() {
            let layer = self.layers[shape.index];
            match said {
                Some(Said::Inside) => {}
                Some(Said::PostAttention) => {
                    let role = if before[&layer] { Role::NormAttentionAfter } else { Role::NormFeedForward };
                    self.vector(shape, layer, role);
                }
                Some(Said::Role(role)) if role.is_norm() => self.vector(shape, layer, *role),
                Some(Said::Role(role)) if shape.dimensions.len() >= 2 => {
                    let last =
                        matches!(role, Role::Embedding | Role::Position | Role::TokenType | Role::Head);
                    let transposed = if last { false } else { transposed };
                    self.matrix(shape, layer, *role, transposed, false);
                }
                Some(Said::FusedAttention) if shape.dimensions.len() == 2 => {
                    self.fused_attention(shapes, &known, shape, layer, transposed);
                }
                Some(Said::FusedCrossKeyValue) if shape.dimensions.len() == 2 => {
                    self.fused(shape, layer, &[(Role::CrossKey, 1), (Role::CrossValue, 1)], transposed);
                }
                Some(Said::FusedGateUp) if shape.dimensions.len() >= 2 => {
                    self.fused(shape, layer, &[(Role::Gate, 1), (Role::Up, 1)], transposed);
                }
                Some(_) => {}
                None => self.loose.push(position),
            }
        }
    }

    /// Whether matrices are stored the other way round (Conv1D, ONNX MatMul): what the named ones that are not square say.
    fn layout(&self, shapes: &[Shape], known: &[Option<Said>]) -> bool {
        let (mut plain, mut turned) = (0u32, 0u32);
        for (shape, said) in shapes.iter().zip(known) {
            let [.., outer, inner] = shape.dimensions[..] else { continue };
            if outer == inner || (outer != self.width && inner != self.width) {
                continue;
            }
            let writes = match said {
                Some(Said::Role(role)) if role.is_matrix() => role.writes(),
                Some(Said::FusedAttention | Said::FusedCrossKeyValue | Said::FusedGateUp) => false,
                _ => continue,
            };
            // A reader has the residual stream innermost, a writer outermost.
            if (inner == self.width) == writes { turned += 1 } else { plain += 1 }
        }
        turned > plain
    }

    fn vector(&mut self, shape: &Shape, layer: Option<u16>, role: Role) {
        if shape.dimensions != [self.width] {
            return;
        }
        self.placed.push(Placed {
            tensor: shape.index,
            layer,
            role,
            bias: is_bias(&self.tensors[shape.index].name),
            expert: 0,
            axis: Axis::Last,
            base: 0,
            first: 0,
            count: 1,
            stored: 1,
            guessed: false,
        });
    }

    /// Where the residual dimension is, and how many rows or columns there are on the other side.
    fn side(&self, shape: &Shape, writes: bool, transposed: bool) -> Option<(Axis, u64)> {
        let [.., outer, inner] = shape.dimensions[..] else { return None };
        match (outer == self.width, inner == self.width) {
            (true, true) => Some((if writes == transposed { Axis::Last } else { Axis::First }, inner)),
            (true, false) => Some((Axis::First, inner)),
            (false, true) => Some((Axis::Last, outer)),
            (false, false) => None,
        }
    }

    pub(super) fn matrix(
        &mut self,
        shape: &Shape,
        layer: Option<u16>,
        role: Role,
        transposed: bool,
        guessed: bool,
    ) {
        // The residual side of a square writer: outermost as stored by most, innermost where the layout is turned.
        let Some((axis, stored)) = self.side(shape, role.writes(), transposed) else { return };
        self.parts(shape, layer, &[(role, 0, stored)], axis, stored, guessed);
    }

    fn fused(&mut self, shape: &Shape, layer: Option<u16>, roles: &[(Role, u64)], transposed: bool) {
        let Some((axis, stored)) = self.side(shape, false, transposed) else { return };
        let total: u64 = roles.iter().map(|(_, share)| share).sum();
        if total == 0 || stored % total != 0 {
            return;
        }
        let mut first = 0;
        let mut parts = Vec::new();
        for (role, share) in roles {
            let count = stored / total * share;
            parts.push((*role, first, count));
            first += count;
        }
        self.parts(shape, layer, &parts, axis, stored, false);
    }

    /// Queries, keys and values: thirds, or as many queries as the output matrix takes and the rest in halves.
    fn fused_attention(
        &mut self,
        shapes: &[Shape],
        known: &[Option<Said>],
        shape: &Shape,
        layer: Option<u16>,
        transposed: bool,
    ) {
        let Some((axis, stored)) = self.side(shape, false, transposed) else { return };
        let output = shapes.iter().zip(known).find(|(other, said)| {
            self.layers[other.index] == layer && **said == Some(Said::Role(Role::Output))
        });
        let queries = output
            .and_then(|(other, _)| self.side(other, true, transposed))
            .map_or(stored / 3, |(_, queries)| queries);
        let rest = stored.saturating_sub(queries);
        if queries == 0 || rest == 0 || rest % 2 != 0 {
            return;
        }
        let parts = [
            (Role::Query, 0, queries),
            (Role::Key, queries, rest / 2),
            (Role::Value, queries + rest / 2, rest / 2),
        ];
        self.parts(shape, layer, &parts, axis, stored, false);
    }

    fn parts(
        &mut self,
        shape: &Shape,
        layer: Option<u16>,
        parts: &[(Role, u64, u64)],
        axis: Axis,
        stored: u64,
        guessed: bool,
    ) {
        let experts = if shape.dimensions.len() == 3 { shape.dimensions[0] } else { 1 };
        let numbered = self.experts[shape.index].unwrap_or(0);
        // Experts beyond these are not sampled; the stack's length is a claim and must not be a count of parts.
        for expert in 0..experts.min(u64::from(u16::MAX)) {
            for (role, first, count) in parts {
                self.placed.push(Placed {
                    tensor: shape.index,
                    layer,
                    role: *role,
                    bias: false,
                    expert: numbered.max(u32::try_from(expert).unwrap_or(u32::MAX)),
                    axis,
                    base: expert * stored * self.width,
                    first: *first,
                    count: *count,
                    stored,
                    guessed,
                });
            }
        }
    }

    /// What no name placed: by the number of the layer and by shape; or, without numbers, by order. Returns the number of layers.
    fn by_shape(&mut self, shapes: &[Shape], layers: u16) -> u16 {
        let loose: Vec<&Shape> = self
            .loose
            .iter()
            .map(|position| &shapes[*position])
            .filter(|shape| shape.dimensions.len() == 2 && on_a_side(shape, self.width))
            .collect();
        let has_blocks = self.placed.iter().any(|part| part.layer.is_some() && part.role.is_matrix());
        let guesses =
            if layers > 0 && loose.iter().any(|shape| self.layers[shape.index].is_some()) && !has_blocks {
                let mut by_layer: BTreeMap<u16, Vec<&Shape>> = BTreeMap::new();
                for shape in &loose {
                    if let Some(layer) = self.layers[shape.index] {
                        by_layer.entry(layer).or_default().push(shape);
                    }
                }
                anonymous::in_layers(&by_layer, self.width)
            } else if !has_blocks {
                let mut ordered = loose;
                ordered.sort_by_cached_key(|shape| anonymous::natural(&self.tensors[shape.index].name));
                anonymous::in_order(&ordered, self.width)
            } else {
                Vec::new()
            };
        let mut total = layers;
        for guess in guesses {
            total = total.max(guess.layer + 1);
            if let Some(shape) = shapes.iter().find(|shape| shape.index == guess.tensor) {
                self.matrix(shape, Some(guess.layer), guess.role, guess.transposed, true);
            }
        }
        total
    }

    /// Without a name for it, the embedding is the longest table outside layers; a second one of its shape is the head.
    fn outside_layers(&mut self, shapes: &[Shape]) {
        if self.placed.iter().any(|part| part.role == Role::Embedding) {
            return;
        }
        let used: Vec<usize> = self.placed.iter().map(|part| part.tensor).collect();
        let mut tables: Vec<&Shape> = shapes
            .iter()
            .filter(|shape| {
                self.layers[shape.index].is_none()
                    && matches!(shape.dimensions[..], [rows, inner] if inner == self.width && rows >= 2 * self.width)
                    && !used.contains(&shape.index)
            })
            .collect();
        tables.sort_by_key(|shape| (std::cmp::Reverse(shape.dimensions[0]), shape.index));
        if let Some(table) = tables.first() {
            self.matrix(table, None, Role::Embedding, false, true);
        }
    }
}
