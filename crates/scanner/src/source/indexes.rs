//! Pack indexes that point outside their packs.
//!
//! libgit2 1.9 trusts the offsets of an index, and reads memory that is not the pack's where one is too large. Whoever sends a
//! repository can write them, so they are looked at before libgit2 gets to see a pack (gitformat-pack: pack-*.idx versions 1 and 2,
//! multi-pack-index).

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A pack ends in a digest of this many bytes.
const DIGEST: u64 = 20;

/// Alternates of alternates are followed so far, as in git.
const DEPTH: usize = 5;

/// Checks all packs of a repository and of those whose objects it borrows.
///
/// # Errors
/// What is wrong with the first index that points outside its pack.
pub(crate) fn check(common: &Path) -> Result<(), String> {
    for objects in object_folders(common) {
        let folder = objects.join("pack");
        let Ok(files) = fs::read_dir(&folder) else { continue };
        for file in files.flatten().map(|file| file.path()) {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let sound = match file.extension().and_then(|end| end.to_str()) {
                Some("idx") => index(&file, &file.with_extension("pack")),
                None if name == "multi-pack-index" => multi(&file, &folder),
                _ => continue,
            };
            match sound {
                Ok(true) => {}
                Ok(false) => return Err(format!("the pack index {name} points outside its pack")),
                // What cannot be read, libgit2 cannot read either: it says so itself.
                Err(_) => {}
            }
        }
    }
    Ok(())
}

/// The repository's own objects, and those of its alternates (gitrepository-layout, objects/info/alternates).
pub(crate) fn object_folders(common: &Path) -> Vec<PathBuf> {
    let mut folders = vec![common.join("objects")];
    let mut next = 0;
    for _ in 0..DEPTH {
        let end = folders.len();
        for at in next..end {
            let text = fs::read_to_string(folders[at].join("info/alternates")).unwrap_or_default();
            for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                let folder = folders[at].join(line);
                if !folders.contains(&folder) {
                    folders.push(folder);
                }
            }
        }
        next = end;
    }
    folders
}

fn read_at(file: &mut File, at: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    (0..bytes.len() / 4).map(|index| word(bytes, index * 4))
}

/// The length of what a pack holds.
fn room(pack: &Path) -> io::Result<u64> {
    fs::metadata(pack).map(|data| data.len().saturating_sub(DIGEST))
}

/// Whether all offsets of an index lie inside its pack.
fn index(path: &Path, pack: &Path) -> io::Result<bool> {
    let room = room(pack)?;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let head = read_at(&mut file, 0, 8)?;
    if head[..4] != *b"\xfftOc" {
        let count = u64::from(word(&read_at(&mut file, 255 * 4, 4)?, 0));
        let table = read_at(&mut file, 1024, count.saturating_mul(24).min(length))?;
        return Ok((0..table.len() / 24).all(|entry| u64::from(word(&table, entry * 24)) < room));
    }
    let count = u64::from(word(&read_at(&mut file, 8 + 255 * 4, 4)?, 0));
    let at = 8 + 1024 + count.saturating_mul(24);
    if at.saturating_add(count * 4) > length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let table = read_at(&mut file, at, count * 4)?;
    let large = read_at(&mut file, at + count * 4, length.saturating_sub(at + count * 4 + 2 * DIGEST))?;
    Ok(words(&table).all(|offset| offset_in(offset, &large, room)))
}

/// An offset of 31 bits, or the place of one of 64 bits in the second table.
fn offset_in(offset: u32, large: &[u8], room: u64) -> bool {
    if offset & 0x8000_0000 == 0 {
        return u64::from(offset) < room;
    }
    let at = (offset & 0x7fff_ffff) as usize * 8;
    let value = large.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
    value.is_some_and(|value| value < room)
}

/// Whether all offsets of a multi-pack-index lie inside their packs.
fn multi(path: &Path, folder: &Path) -> io::Result<bool> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    let bytes = fs::read(path)?;
    if bytes.get(..4) != Some(b"MIDX") {
        return Err(broken());
    }
    let chunks = usize::from(*bytes.get(6).ok_or_else(broken)?);
    let chunk = |id: &[u8; 4]| -> Option<&[u8]> {
        let entry = |index: usize| bytes.get(12 + index * 12..24 + index * 12);
        let offset = |entry: &[u8]| entry[4..12].try_into().ok().map(u64::from_be_bytes);
        let index = (0..chunks).find(|index| entry(*index).is_some_and(|entry| entry[..4] == *id))?;
        let (from, to) = (offset(entry(index)?)?, offset(entry(index + 1)?)?);
        bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    };
    let names = chunk(b"PNAM").ok_or_else(broken)?;
    let rooms: Vec<u64> = names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| {
            let name = String::from_utf8_lossy(name).into_owned();
            room(&folder.join(name).with_extension("pack")).unwrap_or(0)
        })
        .collect();
    let large = chunk(b"LOFF").unwrap_or_default();
    let table = chunk(b"OOFF").ok_or_else(broken)?;
    Ok((0..table.len() / 8).all(|entry| {
        let (pack, offset) = (word(table, entry * 8), word(table, entry * 8 + 4));
        rooms.get(pack as usize).is_some_and(|room| offset_in(offset, large, *room))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index_of(offset: u32) -> Vec<u8> {
        let mut bytes = b"\xfftOc\0\0\0\x02".to_vec();
        (0..256).for_each(|_| bytes.extend_from_slice(&1u32.to_be_bytes()));
        bytes.extend_from_slice(&[7; 24]);
        bytes.extend_from_slice(&offset.to_be_bytes());
        bytes.extend_from_slice(&u64::MAX.to_be_bytes());
        bytes.extend_from_slice(&[0; 40]);
        bytes
    }

    #[test]
    fn an_index_that_points_outside_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let packs = folder.path().join("objects/pack");
        fs::create_dir_all(&packs).unwrap();
        fs::write(packs.join("pack-1.pack"), [0; 100]).unwrap();
        let verdict = |offset: u32| {
            fs::write(packs.join("pack-1.idx"), index_of(offset)).unwrap();
            check(folder.path())
        };
        assert_eq!(verdict(12), Ok(()));
        assert_eq!(verdict(79), Ok(()));
        for outside in [80, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, u32::MAX] {
            assert!(verdict(outside).unwrap_err().contains("pack-1.idx points outside"), "{outside:x}");
        }
        // One that is cut short is libgit2's to refuse.
        fs::write(packs.join("pack-1.idx"), &index_of(80)[..1000]).unwrap();
        assert_eq!(check(folder.path()), Ok(()));
    }

    #[test]
    fn alternates_are_looked_at_and_circles_end() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        for (own, other) in [(&one, &two), (&two, &one)] {
            fs::create_dir_all(own.join("objects/info")).unwrap();
            let other = other.join("objects").display().to_string();
            fs::write(own.join("objects/info/alternates"), format!("# borrowed\n{other}\n")).unwrap();
        }
        assert_eq!(object_folders(&one).len(), 2);
    }
}
