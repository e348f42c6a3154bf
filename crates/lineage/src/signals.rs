//! The signals: each looks at facts in its own way. To add one, add a module and a line here, and join it in `trace.rs`.

pub(crate) mod chat_template;
pub(crate) mod declared;
pub(crate) mod prose;
pub(crate) mod structural;
pub(crate) mod tokenizer;
