//! Changes as a unified diff that `git apply` and `patch` take.

use forebear_types::RepoPath;

/// Lines around a change.
const CONTEXT: usize = 3;

/// More differences than this are shown as one change: looking for the shortest list would take long.
const DIFFERENCES: usize = 2_000;

/// One line of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Keep,
    Remove,
    Add,
}

/// The difference between two states of a file; `old` is `None` for a new file. Empty if they are equal.
pub(crate) fn unified(path: &RepoPath, old: Option<&[u8]>, new: &[u8]) -> Vec<u8> {
    if old == Some(new) {
        return Vec::new();
    }
    let mut out = format!("diff --git a/{path} b/{path}\n").into_bytes();
    match old {
        Some(_) => out.extend_from_slice(format!("--- a/{path}\n").as_bytes()),
        None => out.extend_from_slice(b"new file mode 100644\n--- /dev/null\n"),
    }
    out.extend_from_slice(format!("+++ b/{path}\n").as_bytes());
    let before = lines(old.unwrap_or_default());
    let after = lines(new);
    write_hunks(&before, &after, &steps(&before, &after), &mut out);
    out
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The steps from one text to the other: what both begin and end with is kept, between them the shortest list (Myers, 1986).
fn steps(before: &[&[u8]], after: &[&[u8]]) -> Vec<Step> {
    let head = before.iter().zip(after).take_while(|(one, two)| one == two).count();
    let rest = before[head..].iter().rev().zip(after[head..].iter().rev());
    let tail = rest.take_while(|(one, two)| one == two).count();
    let old = &before[head..before.len() - tail];
    let new = &after[head..after.len() - tail];
    let mut steps = vec![Step::Keep; head];
    steps.extend(shortest(old, new).unwrap_or_else(|| {
        let removed = std::iter::repeat_n(Step::Remove, old.len());
        removed.chain(std::iter::repeat_n(Step::Add, new.len())).collect()
    }));
    steps.extend(std::iter::repeat_n(Step::Keep, tail));
    steps
}

/// `None` if there are too many differences.
fn shortest(old: &[&[u8]], new: &[&[u8]]) -> Option<Vec<Step>> {
    if old.is_empty() || new.is_empty() {
        return None;
    }
    let bound = (old.len() + new.len()).min(DIFFERENCES);
    // `reach[k]` is how far in `old` the diagonal `k - bound` comes with the differences so far.
    let middle = bound as isize;
    let mut reach = vec![0_usize; 2 * bound + 2];
    let at = |diagonal: isize| (diagonal + middle) as usize;
    let mut trace: Vec<Vec<usize>> = Vec::new();
    for differences in 0..=bound as isize {
        trace.push(reach.clone());
        for diagonal in (-differences..=differences).step_by(2) {
            let down = diagonal == -differences
                || (diagonal != differences && reach[at(diagonal - 1)] < reach[at(diagonal + 1)]);
            let mut x = if down { reach[at(diagonal + 1)] } else { reach[at(diagonal - 1)] + 1 };
            let mut y = (x as isize - diagonal) as usize;
            while x < old.len() && y < new.len() && old[x] == new[y] {
                (x, y) = (x + 1, y + 1);
            }
            reach[at(diagonal)] = x;
            if x >= old.len() && y >= new.len() {
                return Some(walk_back(&trace, old.len(), new.len(), middle));
            }
        }
    }
    None
}

fn walk_back(trace: &[Vec<usize>], old: usize, new: usize, middle: isize) -> Vec<Step> {
    let (mut x, mut y) = (old, new);
    let mut steps = Vec::new();
    for (differences, reach) in trace.iter().enumerate().rev() {
        let differences = differences as isize;
        let at = |diagonal: isize| reach[(diagonal + middle) as usize];
        let diagonal = x as isize - y as isize;
        let down =
            diagonal == -differences || (diagonal != differences && at(diagonal - 1) < at(diagonal + 1));
        let from = if down { diagonal + 1 } else { diagonal - 1 };
        let (start_x, start_y) = match differences {
            0 => (0, 0),
            _ => (at(from), (at(from) as isize - from) as usize),
        };
        while x > start_x && y > start_y {
            steps.push(Step::Keep);
            (x, y) = (x - 1, y - 1);
        }
        if differences > 0 {
            steps.push(if down { Step::Add } else { Step::Remove });
        }
        (x, y) = (start_x, start_y);
    }
    steps.reverse();
    steps
}

fn write_hunks(before: &[&[u8]], after: &[&[u8]], steps: &[Step], out: &mut Vec<u8>) {
    let mut at = 0;
    let (mut old, mut new) = (0, 0);
    while at < steps.len() {
        let Some(change) = steps[at..].iter().position(|step| *step != Step::Keep) else { break };
        let lead = change.min(CONTEXT);
        let skipped = change - lead;
        (at, old, new) = (at + skipped, old + skipped, new + skipped);
        // The hunk goes on while the next change is near.
        let mut end = at + lead;
        let mut last = end;
        while end < steps.len() && end - last <= 2 * CONTEXT {
            if steps[end] != Step::Keep {
                last = end + 1;
            }
            end += 1;
        }
        let end = steps.len().min(last + CONTEXT);
        let hunk = &steps[at..end];
        let removed = hunk.iter().filter(|step| **step != Step::Add).count();
        let added = hunk.iter().filter(|step| **step != Step::Remove).count();
        let start = |first: usize, count: usize| if count == 0 { first } else { first + 1 };
        let head = format!("@@ -{},{removed} +{},{added} @@\n", start(old, removed), start(new, added));
        out.extend_from_slice(head.as_bytes());
        for step in hunk {
            let (sign, line) = match step {
                Step::Keep => (b' ', before[old]),
                Step::Remove => (b'-', before[old]),
                Step::Add => (b'+', after[new]),
            };
            old += usize::from(*step != Step::Add);
            new += usize::from(*step != Step::Remove);
            out.push(sign);
            out.extend_from_slice(line);
            if !line.ends_with(b"\n") {
                out.extend_from_slice(b"\n\\ No newline at end of file\n");
            }
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        let path = RepoPath::new("README.md").unwrap();
        String::from_utf8(unified(&path, Some(old.as_bytes()), new.as_bytes())).unwrap()
    }

    #[test]
    fn a_line_that_is_added_is_shown_with_what_stands_around_it() {
        let shown = diff("---\na\n---\n1\n2\n3\n4\n5\n", "---\na\nb\n---\n1\n2\n3\n4\n5\n");
        assert_eq!(
            shown,
            "diff --git a/README.md b/README.md\n--- a/README.md\n+++ b/README.md\n@@ -1,5 +1,6 @@\n ---\n a\n+b\n ---\n 1\n 2\n"
        );
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn two_places_are_two_hunks_and_a_missing_line_end_is_said() {
        let middle: String = (0..20).map(|number| format!("{number}\n")).collect();
        let shown = diff(&format!("a\n{middle}z"), &format!("a\nb\n{middle}y\nz"));
        assert_eq!(shown.matches("@@ -").count(), 2, "{shown}");
        assert!(shown.contains("@@ -1,4 +1,5 @@\n a\n+b\n 0\n"), "{shown}");
        assert!(
            shown.ends_with("@@ -19,4 +20,5 @@\n 17\n 18\n 19\n+y\n z\n\\ No newline at end of file\n"),
            "{shown}"
        );
    }

    #[test]
    fn a_new_file_comes_from_nothing() {
        let path = RepoPath::new("NOTICE").unwrap();
        let shown = String::from_utf8(unified(&path, None, b"a\r\nb\n")).unwrap();
        let head = "diff --git a/NOTICE b/NOTICE\nnew file mode 100644\n";
        assert_eq!(shown, format!("{head}--- /dev/null\n+++ b/NOTICE\n@@ -0,0 +1,2 @@\n+a\r\n+b\n"));
    }

    /// Whatever the texts: the steps lead from one to the other.
    #[test]
    fn steps_lead_from_one_text_to_the_other() {
        let mut state = 1_u32;
        let mut text = |len: u32| -> Vec<u8> {
            (0..len)
                .flat_map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    [b'a' + (state >> 24) as u8 % 3, b'\n']
                })
                .collect()
        };
        for round in 0..200 {
            let (one, two) = (text(round % 12), text(round % 7));
            let (before, after) = (lines(&one), lines(&two));
            let (mut old, mut new, mut built) = (0, 0, Vec::new());
            for step in steps(&before, &after) {
                match step {
                    Step::Keep => {
                        assert_eq!(before[old], after[new]);
                        built.extend_from_slice(before[old]);
                        (old, new) = (old + 1, new + 1);
                    }
                    Step::Remove => old += 1,
                    Step::Add => {
                        built.extend_from_slice(after[new]);
                        new += 1;
                    }
                }
            }
            assert_eq!((old, built), (before.len(), two.clone()));
        }
    }
}
