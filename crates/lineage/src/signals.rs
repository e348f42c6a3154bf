//! The signals: each looks at facts in its own way. To add one, add a module and a line here, and join it in `trace.rs`.

pub(crate) mod claims;
pub(crate) mod declared;
pub(crate) mod name;
pub(crate) mod prose;
pub(crate) mod removed;
pub(crate) mod structural;
mod text;
