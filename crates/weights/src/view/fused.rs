//! Matrices that are several in one, and in which order their rows stand.
//!
//! Sources: `modeling_gpt_neox.py`, `modeling_bloom.py`, `modeling_falcon.py`, `modeling_codegen.py` and `modeling_gpt_oss.py` of
//! huggingface/transformers (5.0), `modeling_internlm2.py` and `modeling_chatglm.py` as published with these models; that a GGUF file has all queries,
//! then all keys, then all values: `conversion/` of ggml-org/llama.cpp.

use super::Role;

/// Some rows of a matrix: `count` from `first`, in runs of `run` that begin `stride` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) role: Role,
    pub(super) first: u64,
    pub(super) count: u64,
    pub(super) run: u64,
    pub(super) stride: u64,
}

impl Part {
    /// Rows that follow each other.
    pub(super) fn rows(role: Role, first: u64, count: u64) -> Self {
        Self { role, first, count, run: count.max(1), stride: count.max(1) }
    }
}

/// In which order queries, keys and values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// All queries, all keys, all values.
    Blocks,
    /// For each head of keys: its queries, its keys, its values. With as many heads of keys as of queries that is the order
    /// of GPT-NeoX, BLOOM and the first Falcon; with fewer that of the larger Falcons and of InternLM2; with one that of Falcon-7B.
    Heads,
    /// Queries, values and keys in four blocks, one for each of the processors that CodeGen was trained on.
    Processors,
}

/// The parts of a fused matrix of `stored` rows, `queries` of which are queries. `None` where the numbers do not fit, or are not known.
pub(super) fn attention(order: Order, stored: u64, queries: u64, heads: Option<u64>) -> Option<[Part; 3]> {
    let keys = stored.checked_sub(queries).filter(|rest| *rest > 0 && rest % 2 == 0)? / 2;
    if queries == 0 {
        return None;
    }
    match order {
        Order::Blocks => Some([
            Part::rows(Role::Query, 0, queries),
            Part::rows(Role::Key, queries, keys),
            Part::rows(Role::Value, queries + keys, keys),
        ]),
        Order::Heads => {
            let heads = heads.filter(|heads| *heads > 0 && queries.is_multiple_of(*heads))?;
            let head = queries / heads;
            let groups = keys / head;
            if keys % head != 0 || groups == 0 || heads % groups != 0 {
                return None;
            }
            let (shared, stride) = (heads / groups * head, stored / groups);
            let part = |role, first, count, run| Part { role, first, count, run, stride };
            Some([
                part(Role::Query, 0, queries, shared),
                part(Role::Key, shared, keys, head),
                part(Role::Value, shared + head, keys, head),
            ])
        }
        Order::Processors => {
            let run = Some(queries / 4).filter(|run| *run > 0 && queries.is_multiple_of(4) && keys == queries)?;
            let part = |role, place| Part { role, first: place * run, count: queries, run, stride: 3 * run };
            Some([part(Role::Query, 0), part(Role::Value, 1), part(Role::Key, 2)])
        }
    }
}

/// Gate and up: one after the other, or row by row in turns.
pub(super) fn gate_up(stored: u64, in_turns: bool) -> Option<[Part; 2]> {
    let half = Some(stored / 2).filter(|half| *half > 0 && stored.is_multiple_of(2))?;
    Some(if in_turns {
        let part = |role, first| Part { role, first, count: half, run: 1, stride: 2 };
        [part(Role::Gate, 0), part(Role::Up, 1)]
    } else {
        [Part::rows(Role::Gate, 0, half), Part::rows(Role::Up, half, half)]
    })
}

#[cfg(test)]
mod tests {
    use super::{Order, Part, attention, gate_up};

    /// The rows of a part, in order.
    fn rows(part: Part) -> Vec<u64> {
        (0..part.count).map(|row| part.first + row / part.run * part.stride + row % part.run).collect()
    }

    #[test]
    fn every_row_belongs_to_one_part() {
        for (order, stored, queries, heads) in [
            (Order::Blocks, 24, 8, None),
            (Order::Heads, 24, 8, Some(4)),
            (Order::Heads, 16, 8, Some(4)),
            (Order::Heads, 12, 8, Some(4)),
            (Order::Processors, 24, 8, None),
        ] {
            let parts = attention(order, stored, queries, heads).expect("the numbers fit");
            let mut all: Vec<u64> = parts.into_iter().flat_map(rows).collect();
            all.sort_unstable();
            assert_eq!(all, (0..stored).collect::<Vec<_>>(), "{order:?} {stored} {queries} {heads:?}");
        }
        for in_turns in [false, true] {
            let mut all: Vec<u64> = gate_up(10, in_turns).into_iter().flatten().flat_map(rows).collect();
            all.sort_unstable();
            assert_eq!(all, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn numbers_that_do_not_fit_give_nothing() {
        for (order, stored, queries, heads) in [
            (Order::Heads, 24, 8, None),
            (Order::Heads, 24, 8, Some(3)),
            (Order::Heads, 24, 8, Some(0)),
            (Order::Heads, 14, 8, Some(4)),
            (Order::Heads, 20, 8, Some(4)),
            (Order::Blocks, 8, 8, None),
            (Order::Blocks, 11, 8, None),
            (Order::Blocks, 4, 8, None),
            (Order::Processors, 16, 8, None),
            (Order::Processors, 18, 6, None),
        ] {
            assert_eq!(
                attention(order, stored, queries, heads),
                None,
                "{order:?} {stored} {queries} {heads:?}"
            );
        }
        assert_eq!(gate_up(7, true), None);
    }
}
