//! Licences: which one a text is, what each asks, and by which names it goes.
//!
//! - [`recognise`] says which licence texts a text holds, how whole and how unchanged they are, and whose copyright lines.
//! - [`compare`] lays one licence beside a text.
//! - [`terms`](terms::terms) gives the duties of a licence, each with its clause.
//! - [`list`] lists the licences that are known by text, by terms, or from the SPDX list.
//! - [`hub`] translates the `license:` of model cards to licence ids.
//! - [`expression`] reads `MIT OR Apache-2.0` as what a recipient may choose and what applies together.
//!
//! The texts of the SPDX list come in through the `spdx` crate; of licences of models only hashed word sequences are kept.
//! Nothing is built at start-up: a flat index, made and compared by a test, is part of the program.

mod decode;
pub mod expression;
pub mod hub;
mod list;
mod recognise;
pub mod terms;

use forebear_types::LicenseId;

pub use decode::{Content, Decoded, Document, Encoding, decode};
pub use list::{Listed, list};
pub use recognise::{compare, recognise};

/// The text of a licence of the SPDX list.
pub fn text(id: &LicenseId) -> Option<&'static str> {
    spdx::license_id(id.as_str()).map(|license| license.text())
}

/// The full name of a licence of the SPDX list: `Apache License 2.0`.
pub fn name(id: &LicenseId) -> Option<&'static str> {
    spdx::license_id(id.as_str()).map(|license| license.full_name)
}

/// Whether the SPDX list marks a licence as approved by the Open Source Initiative or as free by the Free Software Foundation: it then
/// forbids no use and no user.
pub fn is_free(id: &LicenseId) -> bool {
    spdx::license_id(id.as_str())
        .is_some_and(|license| license.is_osi_approved() || license.is_fsf_free_libre())
}

/// What the tests and the examples of this crate reach into: not for use elsewhere.
#[doc(hidden)]
pub mod internal {
    pub use crate::recognise::index::bytes;
    pub use crate::recognise::make::generate;
    pub use crate::recognise::sketch::{hashes, write};
    pub use crate::recognise::words::{hash, lower_words, places};
}
