//! A pickle, read and never run.
//!
//! A pickle is a program for a small stack machine. This one keeps what the opcodes build from plain values; whatever would
//! import or call something leaves a value that is either understood from its arguments (the handful of functions with which
//! PyTorch rebuilds tensors) or opaque. Nothing is looked up, imported or called.
//!
//! Source: CPython's `Lib/pickletools.py` (opcodes and their arguments, protocols 0 to 5), PyTorch's
//! `torch/_weights_only_unpickler.py` and `persistent_id` in `torch/serialization.py`.

use std::collections::BTreeMap;

use super::globals::{Callable, callable};
use super::input::{Input, Stop};

/// Most opcodes of a pickle. A tensor takes about 40: 200,000 tensors in one file.
const OPCODES: u64 = 8_000_000;

/// Most larger values, most entries of the memo, and most values on the stack at once (lists are written in parts of 1,000).
/// A tensor takes about seven values and ten entries.
const NODES: usize = 2_000_000;
const MEMO: usize = 2_000_000;
const STACK: usize = 1_000_000;

/// Most arguments of a call that are looked at.
const ARGUMENTS: usize = 8;

/// Most foreign names that are kept for the report.
const FOREIGN: usize = 1000;

/// Most dimensions: as everywhere.
const DIMENSIONS: usize = super::DIMENSIONS;

/// A value on the stack: small, so that a million of them is little.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Int(i64),
    /// Something that is not understood, or not needed.
    Opaque,
    Mark,
    /// A name, by its number.
    Global(u32),
    /// A larger value, by its number.
    Node(u32),
}

/// A larger value.
#[derive(Debug)]
pub(super) enum Node {
    Text(Box<str>),
    Tuple(Box<[Value]>),
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    /// An object of some class, with the state that it is given.
    Object(Value),
    Storage(Storage),
    Tensor(Box<Built>),
}

/// Where the elements of tensors lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Storage {
    /// The class, a global.
    pub(super) class: u32,
    /// Its key in the archive, a text.
    pub(super) key: Value,
    pub(super) elements: u64,
}

/// A tensor.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) storage: Option<Storage>,
    /// A global that names the element type, where the storage does not.
    pub(super) element: Option<u32>,
    pub(super) shape: Box<[u64]>,
    /// The first element, counted in the storage.
    pub(super) offset: u64,
    /// Elements between neighbours in each dimension.
    pub(super) strides: Box<[u64]>,
    /// Elements that the storage must have; `None` beyond 64 bits.
    pub(super) reach: Option<u64>,
}

/// A name in some module, and what it stands for.
#[derive(Debug)]
pub(super) struct Global {
    pub(super) name: Box<str>,
    pub(super) callable: Callable,
}

/// The machine, and after a run what it built.
#[derive(Debug, Default)]
pub(super) struct Machine {
    nodes: Vec<Node>,
    globals: Vec<Global>,
    known: BTreeMap<(Box<str>, Box<str>), u32>,
    stack: Vec<Value>,
    memo: BTreeMap<u64, Value>,
    /// Names that are no part of loading tensors, in order of appearance: `module name`.
    pub(super) foreign: Vec<String>,
    /// Items copied on behalf of calls, which a short pickle can ask for again and again.
    copied: u64,
    /// Whether a pickle stands inside of the pickle.
    pub(super) nested: bool,
    /// Calls that rebuild a tensor from what cannot be one.
    pub(super) odd: u64,
}

impl Machine {
    /// Reads a pickle to its end and gives its value.
    ///
    /// # Errors
    /// Why its end was not reached; [`Machine::rest`] gives what was built till then.
    pub(super) fn run(&mut self, input: &mut Input<'_>) -> Result<Value, Stop> {
        for _ in 0..OPCODES {
            let opcode = input.byte()?;
            if opcode == b'.' {
                return self.pop();
            }
            self.step(opcode, input)?;
        }
        Err(Stop::Bound(format!("the pickle has more than {OPCODES} opcodes")))
    }

    /// What an unfinished pickle built: the lowest value, with the items that wait to be put into the one below them.
    pub(super) fn rest(&mut self) -> Value {
        while let Some(at) = self.stack.iter().rposition(|value| *value == Value::Mark) {
            let items = self.stack.split_off(at + 1);
            self.stack.pop();
            let pairs = items.chunks_exact(2).map(|pair| (pair[0], pair[1]));
            if let Some(Value::Node(node)) = self.stack.last()
                && let Node::Dict(dict) = &mut self.nodes[*node as usize]
            {
                dict.extend(pairs);
            }
        }
        self.stack.first().copied().unwrap_or(Value::Opaque)
    }

    pub(super) fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(node) => self.nodes.get(node as usize),
            _ => None,
        }
    }

    pub(super) fn text(&self, value: Value) -> Option<&str> {
        match self.node(value) {
            Some(Node::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn global(&self, number: u32) -> Option<&Global> {
        self.globals.get(number as usize)
    }

    fn step(&mut self, opcode: u8, input: &mut Input<'_>) -> Result<(), Stop> {
        let value = match opcode {
            // Values without parts.
            b'N' => Value::None,
            0x88 | 0x89 => Value::Int(i64::from(opcode == 0x88)),
            b'K' => Value::Int(i64::from(input.byte()?)),
            b'M' => Value::Int(i64::from(u16::from_le_bytes(input.array()?))),
            b'J' => Value::Int(i64::from(i32::from_le_bytes(input.array()?))),
            b'I' | b'L' => {
                let line = input.line()?;
                let text = std::str::from_utf8(&line).unwrap_or_default().trim_end_matches('L');
                text.trim().parse().map_or(Value::Opaque, Value::Int)
            }
            0x8a => {
                let length = u64::from(input.byte()?);
                long(&input.bytes(length)?)
            }
            0x8b => {
                let length = length(i32::from_le_bytes(input.array()?))?;
                if length <= 8 { long(&input.bytes(length)?) } else { opaque(input, length)? }
            }
            b'G' => opaque(input, 8)?,
            b'F' => {
                input.line()?;
                Value::Opaque
            }
            // Texts. The `str` of Python 2 is bytes, and what stands in checkpoints is ASCII.
            b'X' | b'T' | b'U' | 0x8c | 0x8d => {
                let length = match opcode {
                    b'X' => u64::from(u32::from_le_bytes(input.array()?)),
                    b'T' => length(i32::from_le_bytes(input.array()?))?,
                    0x8d => u64::from_le_bytes(input.array()?),
                    _ => u64::from(input.byte()?),
                };
                let bytes = input.bytes(length)?;
                self.text_node(&bytes)?
            }
            b'V' => {
                let line = input.line()?;
                self.text_node(&line)?
            }
            b'S' => {
                let line = input.line()?;
                let quote = |byte: &u8| matches!(byte, b'\'' | b'"');
                let start = usize::from(line.first().is_some_and(quote));
                let end = line.len() - usize::from(line.len() > start && line.last().is_some_and(quote));
                self.text_node(&line[start..end])?
            }
            // Bytes are not looked at.
            b'B' => {
                let length = u64::from(u32::from_le_bytes(input.array()?));
                opaque(input, length)?
            }
            b'C' => {
                let length = u64::from(input.byte()?);
                opaque(input, length)?
            }
            0x8e | 0x96 => {
                let length = u64::from_le_bytes(input.array()?);
                opaque(input, length)?
            }
            0x97 => Value::Opaque,
            // Containers.
            b'(' => Value::Mark,
            b')' => self.tuple(Vec::new())?,
            b']' => self.add(Node::List(Vec::new()))?,
            b'}' => self.add(Node::Dict(Vec::new()))?,
            0x8f => Value::Opaque,
            b't' => {
                let items = self.above_mark()?;
                self.tuple(items)?
            }
            0x85..=0x87 => {
                let items = self.last(usize::from(opcode - 0x84))?;
                self.tuple(items)?
            }
            b'l' => {
                let items = self.above_mark()?;
                self.add(Node::List(items))?
            }
            b'd' => {
                let items = self.above_mark()?;
                self.add(Node::Dict(pairs(&items)))?
            }
            0x91 => {
                self.above_mark()?;
                Value::Opaque
            }
            // Names, objects and calls.
            b'c' => {
                let (module, name) = (input.line()?, input.line()?);
                self.name(&String::from_utf8_lossy(&module), &String::from_utf8_lossy(&name))?
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (self.text(module), self.text(name)) {
                    (Some(module), Some(name)) => {
                        let (module, name) = (module.to_owned(), name.to_owned());
                        self.name(&module, &name)?
                    }
                    _ => return Err(Stop::Broken("a name is no text".to_owned())),
                }
            }
            0x82..=0x84 => {
                let code = match opcode {
                    0x82 => i64::from(input.byte()?),
                    0x83 => i64::from(u16::from_le_bytes(input.array()?)),
                    _ => i64::from(i32::from_le_bytes(input.array()?)),
                };
                self.name("copyreg", &format!("extension {code}"))?
            }
            b'i' => {
                let (module, name) = (input.line()?, input.line()?);
                self.name(&String::from_utf8_lossy(&module), &String::from_utf8_lossy(&name))?;
                self.above_mark()?;
                self.add(Node::Object(Value::Opaque))?
            }
            b'o' => {
                self.above_mark()?;
                self.add(Node::Object(Value::Opaque))?
            }
            b'R' => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.call(function, arguments)?
            }
            0x81 => {
                let (arguments, class) = (self.pop()?, self.pop()?);
                self.call(class, arguments)?
            }
            0x92 => {
                self.last(2)?;
                let class = self.pop()?;
                self.call(class, Value::Opaque)?
            }
            b'P' => {
                input.line()?;
                Value::Opaque
            }
            b'Q' => {
                let id = self.pop()?;
                self.persistent(id)?
            }
            // The memo.
            b'h' => self.recall(u64::from(input.byte()?))?,
            b'j' => self.recall(u64::from(u32::from_le_bytes(input.array()?)))?,
            b'g' => {
                let key = number(&input.line()?)?;
                self.recall(key)?
            }
            b'2' => self.top()?,
            // What leaves nothing new on the stack.
            _ => return self.change(opcode, input),
        };
        if self.stack.len() >= STACK {
            return Err(Stop::Bound(format!("the pickle holds more than {STACK} values at once")));
        }
        self.stack.push(value);
        Ok(())
    }

    /// Opcodes that change what is there.
    fn change(&mut self, opcode: u8, input: &mut Input<'_>) -> Result<(), Stop> {
        match opcode {
            0x80 => {
                let protocol = input.byte()?;
                if protocol > 5 {
                    return Err(Stop::Broken(format!("protocol {protocol} is not known")));
                }
            }
            0x95 => {
                input.array::<8>()?;
            }
            0x98 => {}
            b'q' => {
                let key = u64::from(input.byte()?);
                self.remember(key)?;
            }
            b'r' => {
                let key = u64::from(u32::from_le_bytes(input.array()?));
                self.remember(key)?;
            }
            b'p' => {
                let key = number(&input.line()?)?;
                self.remember(key)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'0' => {
                // Python's machine keeps marks apart: `POP` on one removes it.
                self.stack.pop().ok_or_else(underflow)?;
            }
            b'1' => {
                self.above_mark()?;
            }
            b'a' => {
                let item = self.pop()?;
                self.extend(vec![item])?;
            }
            b'e' => {
                let items = self.above_mark()?;
                self.extend(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(vec![(key, value)])?;
            }
            b'u' => {
                let items = self.above_mark()?;
                self.set(pairs(&items))?;
            }
            0x90 => {
                self.above_mark()?;
                self.top()?;
            }
            b'b' => {
                let state = self.pop()?;
                if let Value::Node(node) = self.top()?
                    && let Node::Object(kept) = &mut self.nodes[node as usize]
                {
                    *kept = state;
                }
            }
            _ => return Err(Stop::Broken(format!("{opcode:#04x} is no opcode of a pickle"))),
        }
        Ok(())
    }

    fn call(&mut self, function: Value, arguments: Value) -> Result<Value, Stop> {
        let callable = match function {
            Value::Global(global) => self.globals[global as usize].callable,
            _ => Callable::Plain,
        };
        let arguments: Vec<Value> = match self.node(arguments) {
            Some(Node::Tuple(arguments)) => arguments.iter().take(ARGUMENTS).copied().collect(),
            _ => Vec::new(),
        };
        let node = match callable {
            Callable::Dict => Node::Dict(self.initial(&arguments)?),
            Callable::Tensor => return self.tensor(&arguments, None),
            Callable::TypedTensor => return self.tensor(&arguments, arguments.get(6).copied()),
            Callable::MetaTensor => {
                let [element, size, stride] = [0, 1, 2].map(|at| arguments.get(at).copied());
                let arguments =
                    [Value::None, Value::Int(0), size.unwrap_or(Value::None), stride.unwrap_or(Value::None)];
                return self.tensor(&arguments, element);
            }
            Callable::Parameter => return Ok(arguments.first().copied().unwrap_or(Value::Opaque)),
            Callable::FromType => {
                // One level: the function inside is one of those above, and no call leads back here.
                let (function, arguments) = (arguments.first().copied(), arguments.get(2).copied());
                return match (function, arguments) {
                    (Some(Value::Global(global)), Some(arguments))
                        if self.globals[global as usize].callable != Callable::FromType =>
                    {
                        self.call(Value::Global(global), arguments)
                    }
                    _ => Ok(Value::Opaque),
                };
            }
            Callable::Size => return Ok(arguments.first().copied().unwrap_or(Value::Opaque)),
            Callable::Nested => {
                self.nested = true;
                return Ok(Value::Opaque);
            }
            Callable::Plain | Callable::Foreign => Node::Object(Value::Opaque),
        };
        self.add(node)
    }

    /// What a dictionary is made from: a list of pairs, as Python 2 wrote them.
    fn initial(&mut self, arguments: &[Value]) -> Result<Vec<(Value, Value)>, Stop> {
        let Some(Node::List(items)) = arguments.first().and_then(|first| self.node(*first)) else {
            return Ok(Vec::new());
        };
        let copied = self.copied + items.len() as u64;
        if copied > OPCODES {
            return Err(Stop::Bound(format!("the pickle copies more than {OPCODES} values")));
        }
        let pair = |item: &Value| match self.node(*item) {
            Some(Node::Tuple(pair)) if pair.len() == 2 => Some((pair[0], pair[1])),
            Some(Node::List(pair)) if pair.len() == 2 => Some((pair[0], pair[1])),
            _ => None,
        };
        let pairs = items.iter().filter_map(pair).collect();
        self.copied = copied;
        Ok(pairs)
    }

    fn tensor(&mut self, arguments: &[Value], element: Option<Value>) -> Result<Value, Stop> {
        match self.built(arguments, element) {
            Some(built) => self.add(Node::Tensor(Box::new(built))),
            None => {
                self.odd += 1;
                Ok(Value::Opaque)
            }
        }
    }

    fn built(&self, arguments: &[Value], element: Option<Value>) -> Option<Built> {
        let [storage, offset, size, stride, ..] = arguments else { return None };
        let storage = match self.node(*storage) {
            Some(Node::Storage(storage)) => Some(*storage),
            _ => None,
        };
        let (shape, stride) = (self.dimensions(*size)?, self.dimensions(*stride)?);
        let Value::Int(offset) = *offset else { return None };
        let offset = u64::try_from(offset).ok()?;
        if shape.len() != stride.len() {
            return None;
        }
        let reach = if shape.contains(&0) {
            Some(0)
        } else {
            let steps = shape.iter().zip(&stride).try_fold(offset, |reach, (size, stride)| {
                (size - 1).checked_mul(*stride).and_then(|step| reach.checked_add(step))
            });
            steps.and_then(|last| last.checked_add(1))
        };
        let element = match element {
            Some(Value::Global(global)) => Some(global),
            _ => None,
        };
        Some(Built { storage, element, shape: shape.into(), offset, strides: stride.into(), reach })
    }

    /// A tuple or list of numbers that are not negative.
    fn dimensions(&self, value: Value) -> Option<Vec<u64>> {
        let items: &[Value] = match self.node(value)? {
            Node::Tuple(items) => items,
            Node::List(items) => items,
            _ => return None,
        };
        if items.len() > DIMENSIONS {
            return None;
        }
        let number = |item: &Value| match item {
            Value::Int(number) => u64::try_from(*number).ok(),
            _ => None,
        };
        items.iter().map(number).collect()
    }

    /// `("storage", class, key, place, elements)`, and `("module", class, …)` of old files.
    fn persistent(&mut self, id: Value) -> Result<Value, Stop> {
        let Some(Node::Tuple(parts)) = self.node(id) else { return Ok(Value::Opaque) };
        match (parts.first().and_then(|kind| self.text(*kind)), &parts[..]) {
            (Some("storage"), [_, Value::Global(class), key, _, Value::Int(elements), ..]) => {
                let Ok(elements) = u64::try_from(*elements) else {
                    self.odd += 1;
                    return Ok(Value::Opaque);
                };
                let storage = Storage { class: *class, key: *key, elements };
                self.add(Node::Storage(storage))
            }
            (Some("module"), [_, class, ..]) => Ok(*class),
            _ => Ok(Value::Opaque),
        }
    }

    fn name(&mut self, module: &str, name: &str) -> Result<Value, Stop> {
        let key = (Box::from(module), Box::from(name));
        if let Some(number) = self.known.get(&key) {
            return Ok(Value::Global(*number));
        }
        let number = u32::try_from(self.globals.len()).map_err(|_| too_many())?;
        let callable = callable(module, name);
        if callable == Callable::Foreign && self.foreign.len() < FOREIGN {
            self.foreign.push(format!("{module} {name}"));
        }
        self.globals.push(Global { name: key.1.clone(), callable });
        self.known.insert(key, number);
        Ok(Value::Global(number))
    }

    fn set(&mut self, pairs: Vec<(Value, Value)>) -> Result<(), Stop> {
        if let Value::Node(node) = self.top()? {
            match &mut self.nodes[node as usize] {
                Node::Dict(dict) => dict.extend(pairs),
                // An object that takes items is of a class derived from a dictionary.
                node @ Node::Object(_) => *node = Node::Dict(pairs),
                _ => {}
            }
        }
        Ok(())
    }

    fn extend(&mut self, items: Vec<Value>) -> Result<(), Stop> {
        if let Value::Node(node) = self.top()?
            && let Node::List(list) = &mut self.nodes[node as usize]
        {
            list.extend(items);
        }
        Ok(())
    }

    fn text_node(&mut self, bytes: &[u8]) -> Result<Value, Stop> {
        self.add(Node::Text(String::from_utf8_lossy(bytes).into()))
    }

    fn tuple(&mut self, items: Vec<Value>) -> Result<Value, Stop> {
        self.add(Node::Tuple(items.into()))
    }

    fn add(&mut self, node: Node) -> Result<Value, Stop> {
        let number = u32::try_from(self.nodes.len()).map_err(|_| too_many())?;
        if self.nodes.len() >= NODES {
            return Err(too_many());
        }
        self.nodes.push(node);
        Ok(Value::Node(number))
    }

    fn remember(&mut self, key: u64) -> Result<(), Stop> {
        let value = self.top()?;
        if self.memo.len() >= MEMO && !self.memo.contains_key(&key) {
            return Err(Stop::Bound(format!("the pickle remembers more than {MEMO} values")));
        }
        self.memo.insert(key, value);
        Ok(())
    }

    fn recall(&self, key: u64) -> Result<Value, Stop> {
        self.memo.get(&key).copied().ok_or_else(|| Stop::Broken(format!("the memo has no entry {key}")))
    }

    fn top(&self) -> Result<Value, Stop> {
        self.stack.last().copied().filter(|value| *value != Value::Mark).ok_or_else(underflow)
    }

    fn pop(&mut self) -> Result<Value, Stop> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    fn last(&mut self, count: usize) -> Result<Vec<Value>, Stop> {
        let at = self.stack.len().checked_sub(count).ok_or_else(underflow)?;
        if self.stack[at..].contains(&Value::Mark) {
            return Err(underflow());
        }
        Ok(self.stack.split_off(at))
    }

    /// The values above the last mark, which goes with them.
    fn above_mark(&mut self) -> Result<Vec<Value>, Stop> {
        let mark = self.stack.iter().rposition(|value| *value == Value::Mark).ok_or_else(underflow)?;
        let items = self.stack.split_off(mark + 1);
        self.stack.pop();
        Ok(items)
    }
}

fn underflow() -> Stop {
    Stop::Broken("the pickle takes more values than there are".to_owned())
}

fn too_many() -> Stop {
    Stop::Bound(format!("the pickle holds more than {NODES} texts, lists and objects"))
}

fn pairs(items: &[Value]) -> Vec<(Value, Value)> {
    items.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}

fn opaque(input: &mut Input<'_>, length: u64) -> Result<Value, Stop> {
    input.skip(length)?;
    Ok(Value::Opaque)
}

/// A little-endian number in two's complement; opaque beyond 64 bits.
fn long(bytes: &[u8]) -> Value {
    if bytes.len() > 8 {
        return Value::Opaque;
    }
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(wide))
}

fn length(length: i32) -> Result<u64, Stop> {
    u64::try_from(length).map_err(|_| Stop::Broken(format!("a value is said to have {length} bytes")))
}

fn number(line: &[u8]) -> Result<u64, Stop> {
    let text = std::str::from_utf8(line).unwrap_or_default().trim();
    text.parse().map_err(|_| Stop::Broken("a place in the memo is no number".to_owned()))
}
