//! Where forebear keeps what it found out: the user's cache folder.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// The folder: `FOREBEAR_CACHE` where it is set (empty: no cache), else the place that the system has for caches (the XDG base
/// directory specification; `Library/Caches` on macOS; `LOCALAPPDATA` on Windows). `None` where there is none.
pub(crate) fn folder() -> Option<PathBuf> {
    place(cfg!(target_os = "macos"), |name| env::var_os(name))
}

fn place(is_mac: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(named) = variable("FOREBEAR_CACHE") {
        return (!named.is_empty()).then(|| PathBuf::from(named));
    }
    // A relative path is to be ignored, says the specification.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || absolute("HOME").map(|home| home.join(if is_mac { "Library/Caches" } else { ".cache" }));
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("LOCALAPPDATA")).or_else(home)?;
    Some(base.join("forebear"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_where_caches_are() {
        let with = |set: &[(&str, &str)], is_mac: bool| {
            let set: Vec<(String, String)> =
                set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            place(is_mac, |name| {
                set.iter().find(|(known, _)| known == name).map(|(_, value)| OsString::from(value))
            })
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(with(&[("HOME", "/users/ada")], false), path("/users/ada/.cache/forebear"));
        assert_eq!(with(&[("HOME", "/users/ada")], true), path("/users/ada/Library/Caches/forebear"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")], false), path("/c/forebear"));
        assert_eq!(with(&[("HOME", "/h"), ("XDG_CACHE_HOME", "c")], false), path("/h/.cache/forebear"));
        assert_eq!(with(&[("HOME", "/h"), ("FOREBEAR_CACHE", "/mine")], false), path("/mine"));
        assert_eq!(with(&[("HOME", "/h"), ("FOREBEAR_CACHE", "")], false), None);
        assert_eq!(with(&[], false), None);
    }
}
