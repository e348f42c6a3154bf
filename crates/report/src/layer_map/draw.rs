//! Where everything of the picture stands, and how it is written.

use std::io;

use forebear_types::weights::LayerOf;

use super::{LayerMap, STEPS, Shade};
use crate::html::markup::{
    Attribute, Html, Id, Outline, class, id, number, ours, outline, refers, refers_to_all, value,
};
use crate::safe;
use crate::svg::measure;
use crate::weights::words;

/// Width that cells of one side share, as far as their bounds allow.
const ROOM: f64 = 440.0;
/// Bounds of the side of a cell.
const SMALLEST: f64 = 4.0;
const LARGEST: f64 = 28.0;
/// Cells of this side have room for lines between them.
const ROOMY: f64 = 8.0;
/// Left of the cells: numbers of layers with up to five digits.
const LEFT: f64 = 46.0;
/// Above the cells: two lines of words, and numbers.
const TOP: f64 = 62.0;
/// Distance of everything else from the edges.
const MARGIN: f64 = 6.0;
/// Least distance between the numbers of columns, and of rows.
const ACROSS: f64 = 26.0;
const DOWN: f64 = 15.0;
/// A swatch of the legend, and the height of its lines.
const SWATCH: f64 = 58.0;
/// The square of a line of the legend, and the distance of its words from it.
const SIGN: f64 = 14.0;
const BESIDE: f64 = 8.0;
/// The size of all words.
const TEXT: f64 = 12.0;
const LINE: f64 = 20.0;
/// Layers that the note on one outline names.
const NAMED: usize = 4;
/// Size of the file on a screen that has room for it, as a multiple of its own units.
const ENLARGED: f64 = 1.2;

/// The classes of cells by their shade.
const CELL: [&str; STEPS.len() + 1] = ["z0", "z1", "z2", "z3", "z4"];

/// What the legend says of each shade.
const RANGES: [&str; STEPS.len() + 1] = ["below 6", "6 to 10", "10 to 20", "20 to 40", "from 40"];

/// The style of the picture as a file. Where it stands in a page, that page's style sheet has the same classes.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;font-size:12px;fill:#1f2328}\
.quiet{fill:#57606a}.ground{fill:#fff}.z0{fill:#e9edf2}.z1{fill:#a9c4e0}.z2{fill:#6f9cca}.z3{fill:#3c75af}.z4{fill:#1d4a7a}\
.between{stroke:#fff;fill:none}.unknown{stroke:#8c959f;fill:none}.frame{stroke:#8c959f;fill:none}\
.best{fill:none;stroke:#1f2328;stroke-width:1.6}.thin{stroke-width:.8}.inner{fill:none;stroke:#fff}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9ea7b1}.ground{fill:#0d1117}.z0{fill:#20262e}.z1{fill:#274a70}\
.z2{fill:#3a73ad}.z3{fill:#62a3e6}.z4{fill:#b4dbff}.between{stroke:#0d1117}.unknown{stroke:#6e7681}.frame{stroke:#6e7681}\
.best{stroke:#e6edf3}.inner{stroke:#0d1117}}";

/// What the picture's title and description are called in a page.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) title: Id,
    pub(crate) words: Id,
}

/// Measures of one picture.
struct Layout {
    cells: Vec<Vec<Shade>>,
    columns: usize,
    side: f64,
}

impl Layout {
    fn of(map: &LayerMap) -> Self {
        let cells = map.cells();
        let columns = cells.first().map_or(0, Vec::len);
        let most = cells.len().max(columns).max(1);
        let side = (ROOM / most as f64).floor().clamp(SMALLEST, LARGEST);
        Self { cells, columns, side }
    }

    fn x(&self, column: usize) -> f64 {
        LEFT + column as f64 * self.side
    }

    fn y(&self, row: usize) -> f64 {
        TOP + row as f64 * self.side
    }

    fn right(&self) -> f64 {
        self.x(self.columns)
    }

    fn bottom(&self) -> f64 {
        self.y(self.cells.len())
    }

    fn width(&self, map: &LayerMap) -> f64 {
        let scale = SWATCH * CELL.len() as f64;
        let words = legend(map).into_iter().map(|(_, words)| SIGN + BESIDE + measure::width(&words, TEXT));
        self.right().max(LEFT + words.fold(scale, f64::max)) + MARGIN
    }

    fn height(&self, map: &LayerMap) -> f64 {
        self.bottom() + 42.0 + LINE * legend(map).len() as f64 + MARGIN
    }
}

/// Draws the picture into a page, whose style sheet has its classes.
pub(crate) fn picture(map: &LayerMap, names: &Names, html: &mut Html) {
    let title = "Which layers of the base those of the suspect are most like";
    draw(map, names, title, &[class("map")], None, html);
}

/// Writes the picture as a file of its own.
pub(super) fn write(map: &LayerMap, suspect: &str, base: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let names = Names { title: Id::of("forebear-title"), words: Id::of("forebear-desc") };
    let title =
        format!("Which layers of {} those of {} are most like", safe::line(base), safe::line(suspect));
    let own = [
        ours("xmlns", "http://www.w3.org/2000/svg"),
        ours("style", "display:block;margin:0 auto;max-width:100%;height:auto"),
    ];
    let mut html = Html::default();
    draw(map, &names, &title, &own, Some(STYLE), &mut html);
    html.line_end();
    out.write_all(html.take().as_bytes())
}

fn draw(
    map: &LayerMap,
    names: &Names,
    title: &str,
    own: &[Attribute<'_>],
    style: Option<&'static str>,
    html: &mut Html,
) {
    let layout = Layout::of(map);
    let (width, height) = (layout.width(map), layout.height(map));
    let frame = format!("0 0 {width:.0} {height:.0}");
    let scale = if style.is_some() { ENLARGED } else { 1.0 };
    let titles = [names.title.clone()];
    let mut attributes = own.to_vec();
    attributes.extend([
        value("viewBox", &frame),
        number("width", (width * scale).round()),
        number("height", (height * scale).round()),
        ours("role", "img"),
        refers_to_all("aria-labelledby", &titles),
        refers("aria-describedby", &names.words),
    ]);
    html.el("svg", &attributes, |html| {
        html.leaf("title", &[id(&names.title)], title);
        html.leaf("desc", &[id(&names.words)], &described(map));
        if let Some(style) = style {
            html.included("style", style);
            let all = [class("ground"), ours("width", "100%"), ours("height", "100%"), ours("rx", "8")];
            html.el("rect", &all, |_| ());
        }
        html.line_end();
        axes(map, &layout, html);
        cells(&layout, html);
        outlines(map, &layout, html);
        key(map, &layout, html);
    });
}

/// The whole picture in words, for those who cannot see it.
fn described(map: &LayerMap) -> String {
    const MOST: usize = 12;
    let lines = words::layers(map.best(), map.of_base());
    let mut all: Vec<String> = lines.iter().take(MOST).cloned().collect();
    if lines.len() > MOST {
        all.push(format!("{} more lines in the table", lines.len() - MOST));
    }
    format!("{}.", all.join("; "))
}

/// What is across and what is down, and the numbers of layers, as many as have room.
fn axes(map: &LayerMap, layout: &Layout, html: &mut Html) {
    let (down, across) = map.together();
    let words = [("across: layers of the base", 16.0), ("down: layers of the suspect", 32.0)];
    for (words, y) in words {
        text(html, "plain", LEFT, y, "start", words);
    }
    for column in (0..layout.columns).step_by(step(ACROSS / layout.side)) {
        if let Some(layer) = map.base.get(column * across) {
            let middle = layout.x(column) + layout.side / 2.0;
            text(html, "quiet", middle, TOP - 6.0, "middle", &layer.to_string());
        }
    }
    for row in (0..layout.cells.len()).step_by(step(DOWN / layout.side)) {
        if let Some(layer) = map.suspect.get(row * down) {
            let middle = layout.y(row) + layout.side / 2.0 + 4.0;
            text(html, "quiet", LEFT - 6.0, middle, "end", &layer.to_string());
        }
    }
    html.line_end();
}

/// The least round number that is not below: 1, 2, 5, 10, 20, 50, …
fn step(least: f64) -> usize {
    let mut power = 1;
    loop {
        for round in [power, 2 * power, 5 * power] {
            if round as f64 >= least {
                return round;
            }
        }
        power *= 10;
    }
}

/// One path for each shade: neighbours in a row are one piece of it.
fn cells(layout: &Layout, html: &mut Html) {
    let side = layout.side;
    let mut paths: [Outline; CELL.len()] = Default::default();
    let mut unknown = Outline::default();
    for (row, shades) in layout.cells.iter().enumerate() {
        let (top, mut column) = (layout.y(row), 0);
        for run in shades.chunk_by(|left, right| left == right) {
            match run[0] {
                Shade::Step(step) => {
                    let width = run.len() as f64 * side;
                    let path = &mut paths[step];
                    path.draw('M', &[layout.x(column), top]);
                    path.draw('h', &[width]);
                    path.draw('v', &[side]);
                    path.draw('h', &[-width]);
                    path.draw('z', &[]);
                }
                Shade::Unknown => {
                    for place in column..column + run.len() {
                        unknown.draw('M', &[layout.x(place), top + side]);
                        unknown.draw('l', &[side, -side]);
                    }
                }
            }
            column += run.len();
        }
    }
    for (kind, path) in CELL.into_iter().zip(&paths) {
        shape(html, kind, path);
    }
    shape(html, "unknown", &unknown);
    if side >= ROOMY {
        let mut lines = Outline::default();
        for column in 1..layout.columns {
            lines.draw('M', &[layout.x(column), TOP]);
            lines.draw('V', &[layout.bottom()]);
        }
        for row in 1..layout.cells.len() {
            lines.draw('M', &[LEFT, layout.y(row)]);
            lines.draw('H', &[layout.right()]);
        }
        shape(html, "between", &lines);
    }
    rectangle(html, "frame", LEFT, TOP, layout.right() - LEFT, layout.bottom() - TOP, |_| ());
    html.line_end();
}

/// The most similar layers, each with a note for whoever hovers over it.
fn outlines(map: &LayerMap, layout: &Layout, html: &mut Html) {
    for ((row, column), layers) in map.outlined() {
        let (x, y) = (layout.x(column), layout.y(row));
        outlined(html, x, y, layout.side, |html| html.leaf("title", &[], &note(&layers)));
    }
    html.line_end();
}

/// A dark line around a light one: it stands out from every shade. A small cell has room for a thin one only.
fn outlined(html: &mut Html, x: f64, y: f64, side: f64, note: impl FnOnce(&mut Html)) {
    let roomy = side >= ROOMY;
    if roomy {
        rectangle(html, "inner", x + 1.5, y + 1.5, side - 3.0, side - 3.0, |_| ());
    }
    rectangle(html, if roomy { "best" } else { "best thin" }, x, y, side, side, note);
}

fn note(layers: &[LayerOf]) -> String {
    let mut parts: Vec<String> = layers
        .iter()
        .take(NAMED)
        .filter_map(|one| {
            let base = one.base?;
            Some(format!("layer {} of the suspect: layer {base} of the base, z {:.1}", one.suspect, one.z))
        })
        .collect();
    if layers.len() > NAMED {
        parts.push(format!("and {} more", layers.len() - NAMED));
    }
    parts.join("; ")
}

/// Lines of the legend below the scale: class and words.
fn legend(map: &LayerMap) -> Vec<(&'static str, String)> {
    let mut lines = vec![("best", "the most similar layer of the base, from 6 on".to_owned())];
    if map.z.iter().any(|z| z.is_nan()) {
        lines.push(("unknown", "the two layers share no feature".to_owned()));
    }
    let (down, across) = map.together();
    if down.max(across) > 1 {
        lines.push(("", format!("a cell is {down} by {across} layers and shows their greatest z")));
    }
    lines
}

/// The scale and the legend.
fn key(map: &LayerMap, layout: &Layout, html: &mut Html) {
    let top = layout.bottom() + 12.0;
    text(html, "quiet", LEFT - 6.0, top + 11.0, "end", "z");
    for (index, (kind, range)) in CELL.into_iter().zip(RANGES).enumerate() {
        let left = LEFT + index as f64 * SWATCH;
        rectangle(html, kind, left, top, SWATCH, SIGN, |_| ());
        text(html, "quiet", left + SWATCH / 2.0, top + SIGN + 14.0, "middle", range);
    }
    for (index, (kind, words)) in legend(map).iter().enumerate() {
        let middle = top + 46.0 + index as f64 * LINE;
        match *kind {
            "best" => outlined(html, LEFT, middle - 11.0, SIGN, |_| ()),
            "unknown" => {
                let mut line = Outline::default();
                line.draw('M', &[LEFT, middle + 3.0]);
                line.draw('l', &[SIGN, -SIGN]);
                shape(html, "unknown", &line);
            }
            _ => {}
        }
        text(html, "quiet", LEFT + SIGN + BESIDE, middle, "start", words);
    }
    html.line_end();
}

fn shape(html: &mut Html, kind: &'static str, path: &Outline) {
    if !path.is_empty() {
        html.el("path", &[class(kind), outline(path)], |_| ());
        html.line_end();
    }
}

fn rectangle(
    html: &mut Html,
    kind: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    content: impl FnOnce(&mut Html),
) {
    let place =
        [class(kind), number("x", x), number("y", y), number("width", width), number("height", height)];
    html.el("rect", &place, content);
}

fn text(html: &mut Html, kind: &'static str, x: f64, y: f64, anchor: &'static str, words: &str) {
    let place = [class(kind), number("x", x), number("y", y), ours("text-anchor", anchor)];
    html.leaf("text", &place, words);
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn numbers_of_layers_are_as_many_as_have_room() {
        assert_eq!([0.2, 1.0, 1.1, 2.5, 5.1, 8.5, 50.0, 51.0].map(step), [1, 1, 2, 5, 10, 10, 50, 100]);
    }
}
