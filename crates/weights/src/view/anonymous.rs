//! Matrices without names: what their shapes and their order say.
//!
//! In a block the feed-forward network has the widest matrices, two or three of one inner width; the rest is attention, in the order
//! query, key, value, output. A graph exported in order repeats one sequence of shapes, a layer each.

use std::collections::BTreeMap;

use super::Role;
use super::place::Shape;

/// The longest sequence of matrices that is taken for one layer.
const LONGEST_BLOCK: usize = 24;

/// What shape and order say of a matrix.
pub(super) struct Guess {
    pub(super) tensor: usize,
    pub(super) layer: u16,
    pub(super) role: Role,
    pub(super) transposed: bool,
}

/// A key that sorts names as people count: digits by value.
pub(super) fn natural(name: &str) -> Vec<(u64, String)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(text);
        let digits = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        key.push((0, word.to_owned()));
        key.push((number.parse().unwrap_or(u64::MAX), String::new()));
        rest = after;
    }
    key
}

/// Matrices whose layers are known and whose roles are not.
pub(super) fn in_layers(layers: &BTreeMap<u16, Vec<&Shape>>, width: u64) -> Vec<Guess> {
    let mut guesses = Vec::new();
    for (layer, shapes) in layers {
        block(shapes, *layer, width, &mut guesses);
    }
    guesses
}

/// Matrices in the order of a graph: the shortest sequence of shapes that repeats is a layer.
pub(super) fn in_order(shapes: &[&Shape], width: u64) -> Vec<Guess> {
    let mut guesses = Vec::new();
    let same = |left: usize, right: usize| shapes[left].dimensions == shapes[right].dimensions;
    for period in 2..=LONGEST_BLOCK.min(shapes.len() / 2) {
        // The longest run in which every shape is that of one period before.
        let (mut best, mut start) = ((0usize, 0usize), 0usize);
        for index in 0..=shapes.len() - period {
            let matches = index + period < shapes.len() && same(index, index + period);
            if !matches {
                let length = index + period - start;
                if index > start && length > best.1 {
                    best = (start, length);
                }
                start = index + 1;
            }
        }
        let (start, length) = best;
        // A run of equal squares repeats with any period: a layer has shapes of at least two kinds.
        let varied = (start + 1..(start + period).min(shapes.len())).any(|index| !same(start, index));
        if !varied || length / period < 2 || length * 10 < shapes.len() * 7 {
            continue;
        }
        for layer in 0..length / period {
            let from = start + layer * period;
            let Ok(number) = u16::try_from(layer) else { break };
            block(&shapes[from..from + period], number, width, &mut guesses);
        }
        break;
    }
    if guesses.is_empty() && (2..=8).contains(&shapes.len()) {
        block(shapes, 0, width, &mut guesses);
    }
    guesses
}

fn block(shapes: &[&Shape], layer: u16, width: u64, guesses: &mut Vec<Guess>) {
    let other = |shape: &Shape| {
        let [outer, inner] = shape.dimensions[..] else { return 0 };
        if inner == width { outer } else { inner }
    };
    let Some(inner) = shapes.iter().map(|shape| other(shape)).filter(|other| *other != width).max() else {
        return;
    };
    let network: Vec<&&Shape> = shapes.iter().filter(|shape| other(shape) == inner).collect();
    let attention: Vec<&&Shape> = shapes.iter().filter(|shape| other(shape) != inner).collect();
    let first_side = |shape: &Shape| shape.dimensions[0] == width;
    // The writer is the one that lies the other way; with two, order says which: up comes before down.
    let roles: &[Role] = match network.len() {
        2 => &[Role::Up, Role::Down],
        3 => {
            let turned: Vec<bool> = network.iter().map(|shape| first_side(shape)).collect();
            match turned[..] {
                [a, b, c] if a == b && b != c => &[Role::Gate, Role::Up, Role::Down],
                [a, b, c] if b == c && a != b => &[Role::Down, Role::Gate, Role::Up],
                [a, b, c] if a == c && a != b => &[Role::Gate, Role::Down, Role::Up],
                _ => return,
            }
        }
        _ => return,
    };
    let reader = roles.iter().position(|role| *role == Role::Up).map_or(0, |index| index);
    let transposed = first_side(network[reader]);
    for (shape, role) in network.iter().zip(roles) {
        guesses.push(Guess { tensor: shape.index, layer, role: *role, transposed });
    }
    let roles = [Role::Query, Role::Key, Role::Value, Role::Output];
    if attention.len() == roles.len() {
        for (shape, role) in attention.iter().zip(roles) {
            guesses.push(Guess { tensor: shape.index, layer, role, transposed });
        }
    }
}
