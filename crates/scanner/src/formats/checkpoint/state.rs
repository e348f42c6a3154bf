//! From what a pickle built to the tensors of a model.
//!
//! How names come about. A checkpoint is a dictionary of tensors, or holds one: under `state_dict`, `model_state_dict`,
//! `model` or `module`, one in the other. These keys belong to the trainer and not to the model, and add nothing to the names
//! of the tensors in them. Other dictionaries are parts of the model (Megatron's `language_model`): their keys stand before
//! the names, with dots between. A pickled module is read as its `state_dict()` would be: `_parameters`, `_buffers` and
//! `_modules` add nothing, the names of the modules do. What an optimiser keeps is not listed.

use std::rc::Rc;

use forebear_types::fact::Tensor;

use super::pickle::{Machine, Node, Value};

/// Deepest nesting of dictionaries that is followed; modules count twice.
const DEPTH: usize = 40;

/// Most values that are looked at: one value can stand in many places.
const STEPS: usize = 8_000_000;

/// Most bytes of all names.
const NAMES: usize = 64 << 20;

/// Keys of trainers, around the model.
const WRAPPERS: &[&str] = &["state_dict", "model_state_dict", "model", "module"];

/// Keys of trainers beside the model, by their first letters: its tensors are none of the model's.
const BESIDE: &[&str] = &["optimizer", "optim", "lr_scheduler", "scheduler", "rng_state", "grad_scaler"];

/// Where a tensor's elements lie, for a check against the file.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// The class of the storage.
    pub(super) class: Rc<str>,
    pub(super) key: Option<Rc<str>>,
    /// Elements of the storage.
    pub(super) elements: u64,
    /// The first element, counted in the storage.
    pub(super) offset: u64,
    /// Elements between neighbours in each dimension.
    pub(super) strides: Box<[u64]>,
    /// Elements that the tensor needs; `None` beyond 64 bits.
    pub(super) reach: Option<u64>,
    /// The type of the elements, if it is not that of the storage.
    pub(super) element: Option<Box<str>>,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tensors: Vec<(Tensor, Option<Placed>)>,
    /// Which bound stopped the search.
    pub(super) bound: Option<&'static str>,
}

/// What is still to be looked at.
struct Task {
    value: Value,
    name: Rc<str>,
    depth: usize,
    /// Whether only wrappers stand around it.
    outermost: bool,
}

/// Finds the tensors below a value, at most `most`.
pub(super) fn tensors(machine: &Machine, root: Value, most: usize) -> State {
    let mut state = State::default();
    let mut tasks = vec![Task { value: root, name: "".into(), depth: 0, outermost: true }];
    let (mut steps, mut bytes) = (0, 0);
    while let Some(task) = tasks.pop() {
        steps += 1;
        let pairs = match machine.node(task.value) {
            Some(Node::Tensor(built)) => {
                bytes += task.name.len();
                let bound = if state.tensors.len() >= most {
                    Some("there are more tensors than are listed")
                } else if bytes > NAMES {
                    Some("the names of the tensors are longer than is kept")
                } else {
                    None
                };
                if bound.is_some() {
                    state.bound = bound;
                    break;
                }
                let element = built.element.and_then(|global| machine.global(global));
                let class = built.storage.and_then(|storage| machine.global(storage.class));
                let placed = built.storage.zip(class).map(|(storage, class)| Placed {
                    class: class.name.as_ref().into(),
                    key: machine.text(storage.key).map(Rc::from),
                    elements: storage.elements,
                    offset: built.offset,
                    strides: built.strides.clone(),
                    reach: built.reach,
                    element: element.map(|element| element.name.clone()),
                });
                let tensor = Tensor {
                    name: task.name.as_ref().into(),
                    element: element.or(class).map(|global| global.name.clone()).unwrap_or_default(),
                    shape: Some(built.shape.clone()),
                };
                state.tensors.push((tensor, placed));
                continue;
            }
            Some(Node::Dict(pairs)) => pairs,
            Some(Node::Object(inner)) => match machine.node(*inner) {
                Some(Node::Dict(pairs)) => pairs,
                _ => continue,
            },
            _ => continue,
        };
        steps += pairs.len();
        if steps > STEPS {
            state.bound = Some("the values in it stand in too many places");
            break;
        }
        if task.depth >= DEPTH {
            state.bound = Some("its dictionaries nest too deep");
            continue;
        }
        // The last is taken up first: the tensors come in the order of the file.
        for (key, value) in pairs.iter().rev() {
            let Some(key) = machine.text(*key) else { continue };
            let holds =
                matches!(machine.node(*value), Some(Node::Tensor(_) | Node::Dict(_) | Node::Object(_)));
            if !holds || task.outermost && BESIDE.iter().any(|beside| key.starts_with(beside)) {
                continue;
            }
            let container = !matches!(machine.node(*value), Some(Node::Tensor(_)));
            let wrapper = task.outermost && container && WRAPPERS.contains(&key);
            let silent = wrapper || container && matches!(key, "_parameters" | "_buffers" | "_modules");
            let name = if silent {
                Rc::clone(&task.name)
            } else if task.name.is_empty() {
                Rc::from(key)
            } else {
                Rc::from(format!("{}.{key}", task.name))
            };
            bytes += if silent || !container { 0 } else { name.len() };
            tasks.push(Task { value: *value, name, depth: task.depth + 1, outermost: wrapper });
        }
        if bytes > NAMES {
            state.bound = Some("the names of the tensors are longer than is kept");
            break;
        }
    }
    state
}
