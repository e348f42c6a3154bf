//! An ONNX model: its initialisers and where it comes from. Data and nodes are passed over, not read.
//!
//! Source: `onnx/onnx.proto` (numbers of fields and of element types), the Protocol Buffers encoding guide. A file is one
//! `ModelProto`; the elements of an initialiser stand in `raw_data`, in a typed field, or in another file. Constants in nodes,
//! as some tools write all weights, are taken where weights are read, and not listed as facts.

use std::collections::BTreeSet;
use std::io::{self, BufReader, Read, SeekFrom};

use forebear_types::fact::{ProblemKind, Reading, Tensor, TensorSource, WeightsFormat};

use super::File;
use super::tensor_list::{DIMENSIONS, TensorList, elements, looks_like, shown};
use crate::source::ReadSeek;

/// Most fields that are looked at: a node is one, an initialiser about six.
const FIELDS: u64 = 8_000_000;

/// Longest name or value that is read.
const TEXT: u64 = 64 << 10;

/// Deepest messages that are followed: model, then four graphs in each other, each with a node and its attribute (the branches of an
/// `If`), a tensor, a place of external data.
const DEPTH: usize = 1 + 4 * GRAPH + 2;

/// Messages from a graph to the one inside of it: graph, node, attribute.
const GRAPH: usize = 3;

/// Elements of a constant that may be a weight. Smaller ones are shapes and axes, of which a graph has thousands; they count where a
/// quantised operator takes them.
const CONSTANT: u64 = 32;

/// Most nodes that are kept. The largest language models have 20,000.
const NODES: usize = 1_000_000;

/// Operators whose inputs say how an initialiser was quantised.
const QUANTISED: &[&str] =
    &["DequantizeLinear", "MatMulInteger", "ConvInteger", "QLinearConv", "QLinearMatMul", "MatMulNBits"];

/// Where the elements of the initialisers lie, and what the graph does with those that are quantised.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The initialisers in the order of the file. Of two with one name the last counts.
    pub(crate) tensors: Vec<Place>,
    /// Nodes of the operators that work on quantised weights.
    pub(crate) nodes: Vec<Node>,
}

/// Where one initialiser lies.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name.
    pub(crate) name: Box<str>,
    /// Its elements.
    pub(crate) data: Data,
}

/// How the elements of an initialiser are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Data {
    /// There are none.
    #[default]
    Missing,
    /// First byte in the file, and bytes: `raw_data`, `float_data`, `double_data`.
    Fixed(u64, u64),
    /// First byte in the file, and bytes: `int32_data`, `int64_data`, `uint64_data`.
    Varints(u64, u64),
    /// `location`, `offset` and `length` of `external_data`.
    External(String, Option<String>, Option<String>),
    /// In a way that is not read, a clause.
    Odd(&'static str),
}

/// A node of the graph.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The operator.
    pub(crate) operator: String,
    /// Names of its inputs, empty where one is left out.
    pub(crate) inputs: Vec<String>,
    /// Whole numbers among its attributes.
    pub(crate) attributes: Vec<(String, i64)>,
}

/// Reads the fields that say what tensors there are.
pub(crate) fn read_header(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) {
    read_into(file, stream, reading, None);
}

/// As [`read_header`]; and says where the tensors lie.
pub(crate) fn read_places(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading) -> Places {
    let mut places = Places::default();
    read_into(file, stream, reading, Some(&mut places));
    places
}

fn read_into(file: File<'_>, stream: &mut dyn ReadSeek, reading: &mut Reading, places: Option<&mut Places>) {
    let mut list = TensorList::new(file, "download or export the file again; what could be read was used");
    let mut first = Vec::new();
    let opening = stream.seek(SeekFrom::Start(0)).and_then(|_| {
        (&mut *stream).take(16).read_to_end(&mut first)?;
        stream.seek(SeekFrom::Start(0))
    });
    match opening {
        Err(cause) => list.unreadable(&cause),
        Ok(_) if first.is_empty() => list.lost("the file is empty".to_owned()),
        Ok(_) => {
            let mut reader = Reader {
                stream: BufReader::with_capacity(8 << 10, stream),
                at: 0,
                fields: 0,
                graph: false,
                missing: 0,
                ends: [file.size; DEPTH],
                list: &mut list,
                places,
                constants: Vec::new(),
                names: BTreeSet::new(),
            };
            let walked = reader.model();
            let (at, graph, missing) = (reader.at, reader.graph, reader.missing);
            match walked {
                Ok(()) if graph && missing == 0 => {}
                Err(Stop::Full) => {}
                Ok(()) if graph => {
                    list.lost(format!(
                        "the file was cut: its model goes on for {missing} bytes beyond its end"
                    ));
                }
                Ok(()) => list.lost(match looks_like(&first) {
                    Some(other) => format!("this is no ONNX model but {other}"),
                    None => "the file holds no graph: it is no ONNX model".to_owned(),
                }),
                Err(Stop::Io(cause)) => list.unreadable(&cause),
                Err(Stop::Cut) => list.lost(format!("the file ends at byte {at} in the middle of a field")),
                Err(Stop::Broken(what)) => list.lost(match looks_like(&first) {
                    Some(other) => format!("this is no ONNX model but {other}"),
                    None => format!("the model is damaged before byte {at}: {what}"),
                }),
                Err(Stop::Bound) => {
                    let what = format!(
                        "the model has more than {FIELDS} fields; the first {at} bytes were examined"
                    );
                    list.cut(ProblemKind::Oversized, what, "check the rest by hand");
                }
            }
        }
    }
    list.finish(TensorSource::Header(WeightsFormat::Onnx), reading);
}

enum Stop {
    Io(io::Error),
    /// The file ends in the middle of a field.
    Cut,
    Broken(&'static str),
    /// Too many fields.
    Bound,
    /// Too many tensors, which the list has told.
    Full,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Io(error),
        }
    }
}

/// A field: its number, and its value or the length of its bytes.
#[derive(Clone, Copy)]
enum Field {
    Number(u32, u64),
    Bytes(u32, u64),
    /// Four or eight bytes, which no field that matters has; they are passed over already.
    Fixed,
}

struct Reader<'s, 'l, 'a> {
    stream: BufReader<&'s mut dyn ReadSeek>,
    at: u64,
    fields: u64,
    graph: bool,
    /// Bytes that the file's last field lacks, for the file was cut.
    missing: u64,
    /// Where the messages end that are being read, the outermost first.
    ends: [u64; DEPTH],
    list: &'l mut TensorList<'a>,
    places: Option<&'l mut Places>,
    /// Constants in nodes, and whether the node is in a graph inside of another.
    constants: Vec<(Proto, bool)>,
    /// Names of tensors, where graphs inside of others are walked.
    names: BTreeSet<String>,
}

/// What a `TensorProto` says.
#[derive(Default)]
struct Proto {
    name: String,
    shape: Vec<u64>,
    data_type: u64,
    /// Bytes of `raw_data`, if it is there.
    raw: Option<u64>,
    external: bool,
    data: Data,
    /// What is wrong with the dimensions.
    odd: Option<&'static str>,
}

/// What an `AttributeProto` holds.
enum Attribute {
    Number(i64),
    Tensor(Box<Proto>),
}

impl Reader<'_, '_, '_> {
    fn model(&mut self) -> Result<(), Stop> {
        while let Some(field) = self.field(0)? {
            match field {
                Field::Bytes(2, length) => self.note("producer_name", length)?,
                Field::Bytes(3, length) => self.note("producer_version", length)?,
                Field::Bytes(4, length) => self.note("domain", length)?,
                Field::Bytes(7, length) => {
                    self.graph = true;
                    self.ends[1] = self.at + length;
                    let walked = self.graph(1);
                    // What was found before a fault counts.
                    if !self.constants() {
                        return Err(Stop::Full);
                    }
                    walked?;
                }
                Field::Bytes(14, length) => self.pair(1, length)?,
                Field::Number(1, version) => self.list.note("ir_version", &version.to_string()),
                Field::Bytes(number, length) => {
                    if number > 1000 {
                        return Err(Stop::Broken("it has a field that no model has"));
                    }
                    self.skip(length)?;
                }
                Field::Number(..) | Field::Fixed => {}
            }
        }
        Ok(())
    }

    /// A `GraphProto` as the message of that level.
    fn graph(&mut self, level: usize) -> Result<(), Stop> {
        while let Some(field) = self.field(level)? {
            match field {
                Field::Bytes(1, length) if self.places.is_some() => {
                    self.ends[level + 1] = self.at + length;
                    self.node(level + 1)?;
                }
                Field::Bytes(2, length) if level == 1 => self.note("graph_name", length)?,
                Field::Bytes(5, length) => {
                    self.ends[level + 1] = self.at + length;
                    let mut proto = self.tensor(level + 1)?;
                    self.distinguish(&mut proto, level > 1);
                    if !self.initialiser(proto) {
                        return Err(Stop::Full);
                    }
                }
                Field::Bytes(15, length) => {
                    self.ends[level + 1] = self.at + length;
                    self.sparse(level + 1)?;
                }
                Field::Bytes(16, length) if level == 1 => self.pair(level + 1, length)?,
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        Ok(())
    }

    /// Lists the constants that may be weights, or belong to some. `false` when the list is full.
    fn constants(&mut self) -> bool {
        let constants = std::mem::take(&mut self.constants);
        let taken: BTreeSet<String> = match &self.places {
            Some(places) => places.nodes.iter().flat_map(|node| node.inputs.iter().cloned()).collect(),
            None => BTreeSet::new(),
        };
        constants.into_iter().all(|(mut proto, inner)| {
            let large = elements(&proto.shape).is_none_or(|count| count >= CONSTANT);
            if !large && !taken.contains(&proto.name) {
                return true;
            }
            self.distinguish(&mut proto, inner);
            self.initialiser(proto)
        })
    }

    /// A name is unique in a graph and those around it; two branches beside each other may use one twice. The second gets a number.
    fn distinguish(&mut self, proto: &mut Proto, inner: bool) {
        if self.places.is_none() {
            return;
        }
        if inner && self.names.contains(&proto.name) {
            // Counted from the tensors listed so far, which makes it new at once.
            proto.name = format!("{} ({})", proto.name, self.names.len());
        }
        self.names.insert(proto.name.clone());
    }

    /// `SparseTensorProto`: the values carry the name, the message the dimensions.
    fn sparse(&mut self, level: usize) -> Result<(), Stop> {
        let mut whole = Proto::default();
        let mut values = None;
        while let Some(field) = self.field(level)? {
            match field {
                Field::Bytes(1, length) => {
                    self.ends[level + 1] = self.at + length;
                    values = Some(self.tensor(level + 1)?);
                }
                Field::Bytes(3, length) => self.packed(&mut whole, length)?,
                Field::Number(3, dimension) => whole.dimension(dimension),
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        if let Some(values) = values {
            // The bytes are those of the values alone.
            let data = Data::Odd("its elements are stored sparsely");
            let proto =
                Proto { name: values.name, data_type: values.data_type, external: true, data, ..whole };
            if !self.initialiser(proto) {
                return Err(Stop::Full);
            }
        }
        Ok(())
    }

    fn tensor(&mut self, level: usize) -> Result<Proto, Stop> {
        let mut proto = Proto::default();
        while let Some(field) = self.field(level)? {
            match field {
                Field::Number(1, dimension) => proto.dimension(dimension),
                Field::Bytes(1, length) => self.packed(&mut proto, length)?,
                Field::Number(2, data_type) => proto.data_type = data_type,
                Field::Bytes(8, length) => proto.name = self.text(length)?,
                Field::Bytes(9, length) => {
                    proto.raw = Some(length);
                    proto.elements(Data::Fixed(self.at, length));
                    self.skip(length)?;
                }
                Field::Number(14, place) => proto.external |= place == 1,
                Field::Bytes(13, length) => {
                    proto.external = true;
                    if self.places.is_some() && level + 1 < DEPTH {
                        self.external(level + 1, length, &mut proto)?;
                    } else {
                        self.skip(length)?;
                    }
                }
                Field::Bytes(4 | 10, length) => {
                    proto.elements(Data::Fixed(self.at, length));
                    self.skip(length)?;
                }
                Field::Bytes(5 | 7 | 11, length) => {
                    proto.elements(Data::Varints(self.at, length));
                    self.skip(length)?;
                }
                Field::Number(5 | 7 | 11, _) => {
                    proto.data = Data::Odd("its elements stand in fields of their own");
                }
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        Ok(proto)
    }

    /// Lists an initialiser. `false` when the list is full.
    fn initialiser(&mut self, proto: Proto) -> bool {
        if self.missing > 0 && (proto.data_type == 0 || proto.name.is_empty()) {
            // The cut goes through what says what this is.
            return true;
        }
        let kind = element(proto.data_type);
        let fault = match (proto.odd, kind) {
            (Some(odd), _) => Some(odd.to_owned()),
            (None, None) => Some(format!("has the element type {}, which is none of ONNX", proto.data_type)),
            (None, Some((_, bits))) => {
                match proto.raw.filter(|_| !proto.external && bits > 0 && self.missing == 0) {
                    None => None,
                    Some(raw) => {
                        let needed = elements(&proto.shape).and_then(|count| count.checked_mul(bits));
                        // Elements of less than a byte are packed, the last byte may be filled in part.
                        (needed.map(|bits| bits.div_ceil(8)) != Some(raw))
                            .then(|| format!("has {raw} bytes of data, which its shape and type do not need"))
                    }
                }
            }
        };
        if let Some(fault) = fault {
            self.list.fault(format!("the initialiser {} {fault}", shown(&proto.name)));
        }
        if let Some(places) = &mut self.places {
            places.tensors.push(Place { name: proto.name.as_str().into(), data: proto.data });
        }
        self.list.push(Tensor {
            name: proto.name.into(),
            element: kind.map(|(name, _)| name).unwrap_or_default().into(),
            shape: proto.odd.is_none().then(|| proto.shape.into()),
        })
    }

    /// One pair of `external_data`.
    fn external(&mut self, level: usize, length: u64, proto: &mut Proto) -> Result<(), Stop> {
        let (key, value) = self.texts(level, length)?;
        if !matches!(proto.data, Data::External(..)) {
            proto.data = Data::External(String::new(), None, None);
        }
        if let Data::External(location, offset, bytes) = &mut proto.data {
            match key.as_str() {
                "location" => *location = value,
                "offset" => *offset = Some(value),
                "length" => *bytes = Some(value),
                _ => {}
            }
        }
        Ok(())
    }

    /// A `NodeProto`; kept if its operator matters. A constant is named by what the node puts out.
    fn node(&mut self, level: usize) -> Result<(), Stop> {
        let mut node = Node::default();
        let (mut output, mut constant) = (String::new(), None);
        while let Some(field) = self.field(level)? {
            match field {
                Field::Bytes(1, length) if node.inputs.len() < 16 => node.inputs.push(self.text(length)?),
                Field::Bytes(2, length) if output.is_empty() => output = self.text(length)?,
                Field::Bytes(4, length) => node.operator = self.text(length)?,
                Field::Bytes(5, length) => {
                    self.ends[level + 1] = self.at + length;
                    match self.attribute(level + 1)? {
                        (name, Some(Attribute::Number(number))) => node.attributes.push((name, number)),
                        (_, Some(Attribute::Tensor(proto))) => constant = Some(proto),
                        (_, None) => {}
                    }
                }
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        if let Some(proto) = constant.filter(|_| node.operator == "Constant" && !output.is_empty())
            && self.constants.len() < NODES
        {
            self.constants.push((Proto { name: output, ..*proto }, level > GRAPH));
        }
        if let Some(places) = &mut self.places
            && QUANTISED.contains(&node.operator.as_str())
            && places.nodes.len() < NODES
        {
            places.nodes.push(node);
        }
        Ok(())
    }

    /// The name of an `AttributeProto`, and what it holds if that is a whole number or a tensor. A graph in it is walked.
    fn attribute(&mut self, level: usize) -> Result<(String, Option<Attribute>), Stop> {
        let (mut name, mut value) = (String::new(), None);
        while let Some(field) = self.field(level)? {
            match field {
                Field::Bytes(1, length) => name = self.text(length)?,
                Field::Number(3, number) => value = Some(Attribute::Number(number as i64)),
                Field::Bytes(5, length) => {
                    self.ends[level + 1] = self.at + length;
                    value = Some(Attribute::Tensor(Box::new(self.tensor(level + 1)?)));
                }
                Field::Bytes(6 | 11, length) if level + GRAPH + 2 < DEPTH => {
                    self.ends[level + 1] = self.at + length;
                    self.graph(level + 1)?;
                }
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        Ok((name, value))
    }

    fn packed(&mut self, proto: &mut Proto, length: u64) -> Result<(), Stop> {
        let end = self.at + length;
        while self.at < end {
            let dimension = self.varint(end)?;
            self.count()?;
            proto.dimension(dimension);
        }
        Ok(())
    }

    /// A `StringStringEntryProto`.
    fn pair(&mut self, level: usize, length: u64) -> Result<(), Stop> {
        let (key, value) = self.texts(level, length)?;
        self.list.note(&key, &value);
        Ok(())
    }

    fn texts(&mut self, level: usize, length: u64) -> Result<(String, String), Stop> {
        self.ends[level] = self.at + length;
        let (mut key, mut value) = (String::new(), String::new());
        while let Some(field) = self.field(level)? {
            match field {
                Field::Bytes(1, length) => key = self.text(length)?,
                Field::Bytes(2, length) => value = self.text(length)?,
                Field::Bytes(_, length) => self.skip(length)?,
                Field::Number(..) | Field::Fixed => {}
            }
        }
        Ok((key, value))
    }

    fn note(&mut self, key: &str, length: u64) -> Result<(), Stop> {
        let value = self.text(length)?;
        if !value.is_empty() {
            self.list.note(key, &value);
        }
        Ok(())
    }

    /// The next field of a message; `None` at its end. What a cut file says of an inner message counts.
    fn field(&mut self, level: usize) -> Result<Option<Field>, Stop> {
        match self.whole_field(level) {
            Err(Stop::Cut) if level > 0 => {
                self.missing = self.missing.max(1);
                self.at = self.ends[level];
                Ok(None)
            }
            other => other,
        }
    }

    fn whole_field(&mut self, level: usize) -> Result<Option<Field>, Stop> {
        let end = self.ends[level];
        if self.at >= end {
            return Ok(None);
        }
        self.count()?;
        let tag = self.varint(end)?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| *number > 0);
        let number = number.ok_or(Stop::Broken("a field has no valid number"))?;
        let field = match tag & 7 {
            0 => Field::Number(number, self.varint(end)?),
            2 => {
                let length = self.varint(end)?;
                let left = end - self.at;
                // What reaches beyond the file is read as far as it goes: that shows the tensors before the cut.
                if length > left && end == self.ends[0] {
                    self.missing = self.missing.max(length - left);
                } else if length > left {
                    return Err(Stop::Broken("a field is longer than what holds it"));
                }
                Field::Bytes(number, length.min(left))
            }
            kind @ (1 | 5) => {
                let length = if kind == 1 { 8 } else { 4 };
                if length > end - self.at {
                    return Err(self.ended(end, "a field is longer than what holds it"));
                }
                self.skip(length)?;
                Field::Fixed
            }
            _ => return Err(Stop::Broken("a field is of no kind that exists")),
        };
        Ok(Some(field))
    }

    /// A message that ends too early; whether the file does is another question.
    fn ended(&self, end: u64, what: &'static str) -> Stop {
        if end == self.ends[0] { Stop::Cut } else { Stop::Broken(what) }
    }

    fn count(&mut self) -> Result<(), Stop> {
        self.fields += 1;
        if self.fields > FIELDS { Err(Stop::Bound) } else { Ok(()) }
    }

    fn varint(&mut self, end: u64) -> Result<u64, Stop> {
        let mut number = 0;
        for shift in (0..70).step_by(7) {
            if self.at >= end {
                return Err(self.ended(end, "a number has no end"));
            }
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            self.at += 1;
            // The tenth byte has one bit to give; what is beyond 64 bits is lost, as readers of the format do.
            number |= u64::from(byte[0] & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte[0] < 0x80 {
                return Ok(number);
            }
        }
        Err(Stop::Broken("a number has no end"))
    }

    /// A text; what is longer than any name is cut. The length lies within the message.
    fn text(&mut self, length: u64) -> Result<String, Stop> {
        let kept = length.min(TEXT);
        let mut bytes = Vec::new();
        (&mut self.stream).take(kept).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < kept {
            return Err(Stop::Cut);
        }
        self.at += kept;
        self.skip(length - kept)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip(&mut self, length: u64) -> Result<(), Stop> {
        let step = i64::try_from(length).map_err(|_| Stop::Broken("a field has an impossible length"))?;
        self.stream.seek_relative(step)?;
        self.at += length;
        Ok(())
    }
}

impl Proto {
    /// Elements that stand in the file itself. A second such field is none that a writer makes.
    fn elements(&mut self, data: Data) {
        self.data = match self.data {
            Data::Missing => data,
            Data::Fixed(_, 0) | Data::Varints(_, 0) => data,
            _ if matches!(data, Data::Fixed(_, 0) | Data::Varints(_, 0)) => return,
            _ => Data::Odd("its elements stand in several fields"),
        };
    }

    /// Adds a dimension, which is an `int64`.
    fn dimension(&mut self, dimension: u64) {
        if dimension > i64::MAX as u64 {
            self.odd = Some("has a negative dimension");
        } else if self.shape.len() >= DIMENSIONS {
            self.odd = Some("has more dimensions than a tensor can have");
        } else {
            self.shape.push(dimension);
        }
    }
}

/// The name of an element type (`TensorProto.DataType`) and its bits; none for text.
fn element(data_type: u64) -> Option<(&'static str, u64)> {
    Some(match data_type {
        1 => ("FLOAT", 32),
        2 => ("UINT8", 8),
        3 => ("INT8", 8),
        4 => ("UINT16", 16),
        5 => ("INT16", 16),
        6 => ("INT32", 32),
        7 => ("INT64", 64),
        8 => ("STRING", 0),
        9 => ("BOOL", 8),
        10 => ("FLOAT16", 16),
        11 => ("DOUBLE", 64),
        12 => ("UINT32", 32),
        13 => ("UINT64", 64),
        14 => ("COMPLEX64", 64),
        15 => ("COMPLEX128", 128),
        16 => ("BFLOAT16", 16),
        17 => ("FLOAT8E4M3FN", 8),
        18 => ("FLOAT8E4M3FNUZ", 8),
        19 => ("FLOAT8E5M2", 8),
        20 => ("FLOAT8E5M2FNUZ", 8),
        21 => ("UINT4", 4),
        22 => ("INT4", 4),
        23 => ("FLOAT4E2M1", 4),
        24 => ("FLOAT8E8M0", 8),
        25 => ("UINT2", 2),
        26 => ("INT2", 2),
        _ => return None,
    })
}

/// Protocol buffers as the tests write them.
#[cfg(test)]
pub(crate) mod encode {
    pub(crate) fn varint(mut number: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while number >= 0x80 {
            out.push(number as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
        out
    }

    /// A field with a number.
    pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
        [varint(field << 3), varint(value)].concat()
    }

    /// A field with bytes, a text or a message.
    pub(crate) fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
        [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{header_of, tensors_of};
    use super::encode::{bytes, number, varint};
    use super::*;
    use forebear_types::fact::FactKind;

    fn tensor(name: &str, data_type: u64, dims: &[u64], raw: usize) -> Vec<u8> {
        let dims: Vec<u8> = dims.iter().flat_map(|dim| number(1, *dim)).collect();
        [dims, number(2, data_type), bytes(8, name.as_bytes()), bytes(9, &vec![0; raw])].concat()
    }

    fn model(graph: &[u8]) -> Vec<u8> {
        [number(1, 8), bytes(2, b"pytorch"), bytes(3, b"2.1"), bytes(7, graph)].concat()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn initialisers_and_origin_are_read() {
        let packed =
            [bytes(1, &[varint(300), varint(2)].concat()), number(2, 10), bytes(8, b"packed"), number(14, 1)]
                .concat();
        let sparse =
            [bytes(1, &tensor("sparse", 1, &[2], 8)), bytes(2, b""), number(3, 100), number(3, 7)].concat();
        let graph = [
            bytes(1, b"\x0a\x01x"),
            bytes(2, b"main_graph"),
            bytes(5, &tensor("w", 1, &[3, 2], 24)),
            bytes(5, &tensor("odd", 22, &[3], 2)),
            bytes(5, &packed),
            bytes(15, &sparse),
        ]
        .concat();
        let file = [model(&graph), bytes(14, &[bytes(1, b"base"), bytes(2, b"a/b")].concat())].concat();
        let reading = header_of("onnx/model.onnx", &file);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let tensors = tensors_of(&reading);
        assert_eq!(tensors.source, TensorSource::Header(WeightsFormat::Onnx));
        assert!(tensors.complete);
        let listed: Vec<_> =
            tensors.tensors.iter().map(|t| (&*t.name, &*t.element, t.shape.as_deref().unwrap())).collect();
        assert_eq!(
            listed,
            [
                ("odd", "INT4", &[3][..]),
                ("packed", "FLOAT16", &[300, 2]),
                ("sparse", "FLOAT", &[100, 7]),
                ("w", "FLOAT", &[3, 2])
            ]
        );
        assert_eq!(
            tensors.metadata,
            [
                pair("base", "a/b"),
                pair("graph_name", "main_graph"),
                pair("ir_version", "8"),
                pair("producer_name", "pytorch"),
                pair("producer_version", "2.1")
            ]
        );
    }

    #[test]
    fn faults_of_initialisers_are_problems_beside_the_others() {
        for (bad, wanted) in [
            (tensor("bad", 1, &[u64::MAX], 4), "negative dimension"),
            (tensor("bad", 1, &[1; 65], 4), "more dimensions than"),
            (tensor("bad", 99, &[1], 4), "element type 99"),
            (tensor("bad", 1, &[1 << 60, 1 << 60], 4), "4 bytes of data, which"),
            (tensor("bad", 1, &[2], 4), "4 bytes of data, which"),
        ] {
            let graph = [bytes(5, &bad), bytes(5, &tensor("good", 3, &[1], 1))].concat();
            let reading = header_of("model.onnx", &model(&graph));
            assert_eq!(reading.problems.len(), 1, "{wanted}: {:?}", reading.problems);
            assert!(reading.problems[0].what.contains(wanted), "{wanted}: {:?}", reading.problems);
            assert_eq!(tensors_of(&reading).tensors.len(), 2);
        }
    }

    #[test]
    fn what_is_no_model_is_a_problem() {
        for (file, wanted) in [
            (&b""[..], "is empty"),
            (b"weights", "of no kind that exists"),
            (b"<html><body>", "a web page"),
            (b"\x08\x08", "no graph"),
            (b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "goes on for 18446744073709551615 bytes"),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "a number has no end"),
            (b"\0\0\0\0", "nothing but zeros"),
            (b"\x08", "in the middle of a field"),
            (b"\x3a\x02\x2a\x05\x08\x08", "longer than what holds it"),
        ] {
            let reading = header_of("model.onnx", file);
            assert_eq!(reading.problems.len(), 1, "{wanted}: {:?}", reading.problems);
            assert!(reading.problems[0].what.contains(wanted), "{wanted}: {:?}", reading.problems);
        }
    }

    #[test]
    fn every_prefix_of_a_model_keeps_what_stands_before_its_end() {
        let graph = [bytes(5, &tensor("a", 3, &[1], 1)), bytes(5, &tensor("b", 3, &[4], 4))].concat();
        let file = model(&graph);
        let mut most = 0;
        for end in 1..file.len() {
            let reading = header_of("model.onnx", &file[..end]);
            assert_eq!(reading.problems.len(), 1, "{end}: {:?}", reading.problems);
            let found = reading.facts.iter().map(|fact| match &fact.kind {
                FactKind::Tensors(list) => list.tensors.len(),
                _ => 0,
            });
            let found = found.sum();
            assert!(found >= most, "{end}");
            most = found;
        }
        assert_eq!(most, 2, "the name and the shape stand before the data");
    }
}
