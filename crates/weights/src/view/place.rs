//! Puts tensors in their places: width, layers, names, layout, and what shapes say where names are silent.

use std::collections::BTreeMap;

use forebear_types::weights::{Attention, WeightTensor};

use super::anonymous;
use super::fused::{self, Order, Part};
use super::names::{Said, is_bias, said};
use super::{Axis, Placed, Role, View, layer};

/// A wider residual stream than any model has. It bounds what is allocated for a shape that lies.
const WIDEST: u64 = 1 << 17;

/// A tensor without its dimensions of 1.
pub(super) struct Shape {
    pub(super) index: usize,
    pub(super) dimensions: Vec<u64>,
}

pub(super) fn view(tensors: &[WeightTensor], attention: &Attention) -> View {
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
    let mut placing =
        Placing { width, tensors, attention, layers, experts, placed: Vec::new(), loose: Vec::new() };
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

/// Where a role is looked for beside another tensor: layer, role, expert and dimensions.
type Place = (Option<u16>, Role, Option<u32>, usize);

/// What names say of all shapes.
struct Named<'a> {
    shapes: &'a [Shape],
    known: &'a [Option<Said>],
    /// The first shape at each place.
    first: BTreeMap<Place, usize>,
}

struct Placing<'a> {
    width: u64,
    tensors: &'a [WeightTensor],
    attention: &'a Attention,
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
        let mut first = BTreeMap::new();
        for (position, (shape, said)) in shapes.iter().zip(&known).enumerate() {
            if let Some(Said::Role(role)) = said {
                first.entry(self.place(shape, *role)).or_insert(position);
            }
        }
        let named = Named { shapes, known: &known, first };
        // Experts in a stack may lie the other way than the matrices of attention beside them.
        let layouts = [self.layout(shapes, &known, false), self.layout(shapes, &known, true)];
        for (position, (shape, said)) in shapes.iter().zip(&known).enumerate() {
            let layer = self.layers[shape.index];
            let transposed = layouts[usize::from(shape.dimensions.len() == 3)];
            match said {
                Some(Said::Inside) => {}
                Some(Said::PostAttention) => {
                    let role = if before[&layer] { Role::NormAttentionAfter } else { Role::NormFeedForward };
                    self.vector(shape, layer, role);
                }
                Some(Said::Role(role)) if role.is_norm() => self.vector(shape, layer, *role),
                Some(Said::Role(role @ (Role::Up | Role::SharedUp))) if self.is_doubled(&named, position) => {
                    self.gate_up(shape, layer, *role == Role::SharedUp, transposed);
                }
                Some(Said::Role(role)) if shape.dimensions.len() >= 2 => {
                    let last =
                        matches!(role, Role::Embedding | Role::Position | Role::TokenType | Role::Head);
                    let transposed = if last { false } else { transposed };
                    self.matrix(shape, layer, *role, transposed, false);
                }
                Some(said @ (Said::FusedAttention | Said::FusedByHead)) if shape.dimensions.len() == 2 => {
                    self.fused_attention(&named, position, *said, transposed);
                }
                Some(Said::FusedCrossKeyValue) if shape.dimensions.len() == 2 => {
                    self.cross_key_value(shape, layer, transposed);
                }
                Some(Said::FusedGateUp) if shape.dimensions.len() >= 2 => {
                    self.gate_up(shape, layer, false, transposed);
                }
                Some(_) => {}
                None => self.loose.push(position),
            }
        }
    }

    fn place(&self, shape: &Shape, role: Role) -> Place {
        (self.layers[shape.index], role, self.experts[shape.index], shape.dimensions.len())
    }

    /// Whether matrices are stored the other way round (Conv1D, ONNX MatMul): what the named ones that are not square say. Stacks of
    /// them are asked for themselves.
    fn layout(&self, shapes: &[Shape], known: &[Option<Said>], stacked: bool) -> bool {
        let (mut plain, mut turned) = (0u32, 0u32);
        for (shape, said) in shapes.iter().zip(known) {
            let [.., outer, inner] = shape.dimensions[..] else { continue };
            if (shape.dimensions.len() == 3) != stacked {
                continue;
            }
            if outer == inner || (outer != self.width && inner != self.width) {
                continue;
            }
            let writes = match said {
                Some(Said::Role(role)) if role.is_matrix() => role.writes(),
                Some(
                    Said::FusedAttention | Said::FusedByHead | Said::FusedCrossKeyValue | Said::FusedGateUp,
                ) => false,
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
            run: 1,
            stride: 1,
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
        self.parts(shape, layer, &[Part::rows(role, 0, stored)], axis, stored, guessed);
    }

    fn cross_key_value(&mut self, shape: &Shape, layer: Option<u16>, transposed: bool) {
        let Some((axis, stored)) = self.side(shape, false, transposed) else { return };
        if stored % 2 == 0 {
            let half = stored / 2;
            let parts = [Part::rows(Role::CrossKey, 0, half), Part::rows(Role::CrossValue, half, half)];
            self.parts(shape, layer, &parts, axis, stored, false);
        }
    }

    /// gpt-oss has gates and ups in turns. It is told by the bias beside the matrix, which no other family has, or by its first name.
    fn gate_up(&mut self, shape: &Shape, layer: Option<u16>, shared: bool, transposed: bool) {
        let Some((axis, stored)) = self.side(shape, false, transposed) else { return };
        let name = &self.tensors[shape.index].name;
        let bias = format!("{name}_bias");
        let in_turns = name.contains("mlp1_weight")
            || self.tensors.binary_search_by(|tensor| (*tensor.name).cmp(&bias)).is_ok();
        let Some(mut parts) = fused::gate_up(stored, in_turns) else { return };
        if shared {
            [parts[0].role, parts[1].role] = [Role::SharedGate, Role::SharedUp];
        }
        self.parts(shape, layer, &parts, axis, stored, false);
    }

    /// Whether a matrix that is called up is twice as wide as the one after it takes: it is gate and up (ChatGLM, ModernBERT, GGUF of Phi-3).
    fn is_doubled(&self, named: &Named<'_>, position: usize) -> bool {
        let shape = &named.shapes[position];
        let (gate, down) = match named.known[position] {
            Some(Said::Role(Role::SharedUp)) => (Role::SharedGate, Role::SharedDown),
            _ => (Role::Gate, Role::Down),
        };
        let free = |shape: &Shape, writes| self.side(shape, writes, false).map(|(_, free)| free);
        if named.first.contains_key(&self.place(shape, gate)) {
            return false;
        }
        let down =
            named.first.get(&self.place(shape, down)).and_then(|down| free(&named.shapes[*down], true));
        match (free(shape, false), down.and_then(|down| down.checked_mul(2))) {
            (Some(up), Some(twice)) => up == twice,
            _ => false,
        }
    }

    /// Queries, keys and values: thirds, or as many queries as the output matrix takes and the rest in halves. The name, the family
    /// and the network beside them say in which order they stand.
    fn fused_attention(&mut self, named: &Named<'_>, position: usize, said: Said, transposed: bool) {
        let shape = &named.shapes[position];
        let layer = self.layers[shape.index];
        let Some((axis, stored)) = self.side(shape, false, transposed) else { return };
        let of_role = |role: Role| named.first.get(&self.place(shape, role)).copied();
        let queries = of_role(Role::Output)
            .and_then(|output| self.side(&named.shapes[output], true, transposed))
            .map_or(stored / 3, |(_, queries)| queries);
        let order = match (said, &*self.attention.family) {
            // From its second version on, which has a gate, ChatGLM keeps queries, keys and values apart.
            (Said::FusedByHead, _) if of_role(Role::Up).is_some_and(|up| self.is_doubled(named, up)) => {
                Order::Blocks
            }
            (Said::FusedByHead, _) | (Said::FusedAttention, "internlm2") => Order::Heads,
            (_, "codegen") => Order::Processors,
            _ => Order::Blocks,
        };
        match fused::attention(order, stored, queries, self.attention.heads) {
            Some(parts) => self.parts(shape, layer, &parts, axis, stored, false),
            None if order == Order::Heads => {
                self.parts(shape, layer, &[Part::rows(Role::QueryKeyValue, 0, stored)], axis, stored, false);
            }
            None => {}
        }
    }

    fn parts(
        &mut self,
        shape: &Shape,
        layer: Option<u16>,
        parts: &[Part],
        axis: Axis,
        stored: u64,
        guessed: bool,
    ) {
        let experts = if shape.dimensions.len() == 3 { shape.dimensions[0] } else { 1 };
        let numbered = self.experts[shape.index].unwrap_or(0);
        // Experts beyond these are not sampled; the stack's length is a claim and must not be a count of parts.
        for expert in 0..experts.min(u64::from(u16::MAX)) {
            for part in parts {
                self.placed.push(Placed {
                    tensor: shape.index,
                    layer,
                    role: part.role,
                    bias: false,
                    expert: numbered.max(u32::try_from(expert).unwrap_or(u32::MAX)),
                    axis,
                    base: expert * stored * self.width,
                    first: part.first,
                    count: part.count,
                    run: part.run,
                    stride: part.stride,
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
        if layers == 0 {
            self.norms_in_order(shapes, &guesses);
        }
        let mut total = layers;
        for guess in guesses {
            total = total.max(guess.layer + 1);
            if let Some(shape) = shapes.iter().find(|shape| shape.index == guess.tensor) {
                self.matrix(shape, Some(guess.layer), guess.role, guess.transposed, true);
            }
        }
        total
    }

    /// Vectors without names or layers are the norms of blocks whose order is known, where there are two for each block and one more, and
    /// the network has a gate: such models have a norm before attention, one before the network, one at the end, and no biases. In any
    /// other number, biases or norms inside attention are among them, and a network without a gate may have its first norm after the
    /// embeddings: then which is which is not told by order.
    fn norms_in_order(&mut self, shapes: &[Shape], guesses: &[anonymous::Guess]) {
        let blocks = guesses.iter().filter(|guess| guess.role == Role::Gate).count();
        let placed = |index| self.placed.iter().any(|part| part.tensor == index);
        let mut vectors: Vec<usize> = shapes
            .iter()
            .filter(|shape| shape.dimensions == [self.width] && !placed(shape.index))
            .map(|shape| shape.index)
            .collect();
        let downs = guesses.iter().filter(|guess| guess.role == Role::Down).count();
        let named = self.placed.iter().any(|part| part.role.is_norm());
        if named || blocks == 0 || downs != blocks || vectors.len() != 2 * blocks + 1 {
            return;
        }
        // One numbering: words before the numbers that differ would sort before them.
        let stem = |index: &usize| self.tensors[*index].name.trim_end_matches(|c: char| c.is_ascii_digit());
        if vectors.iter().any(|index| stem(index) != stem(&vectors[0])) {
            return;
        }
        vectors.sort_by_cached_key(|index| anonymous::natural(&self.tensors[*index].name));
        for (place, tensor) in vectors.into_iter().enumerate() {
            let role = match place % 2 {
                _ if place == 2 * blocks => Role::NormFinal,
                0 => Role::NormAttention,
                _ => Role::NormFeedForward,
            };
            let layer =
                (role != Role::NormFinal).then_some(place / 2).and_then(|layer| u16::try_from(layer).ok());
            if let Some(shape) = shapes.iter().find(|shape| shape.index == tensor) {
                self.vector(shape, layer, role);
            }
        }
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
