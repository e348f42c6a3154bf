//! The layer map as a picture: the suspect's layers down, the base's across, each cell shaded by its z.
//!
//! One picture for every place: by itself (`forebear compare --format svg`), in the page of a comparison, and in the HTML report of
//! `forebear check`. It has no script. Shades come in steps, so that a reader can name them, and the most similar layer has an outline,
//! so that nothing rests on a shade alone. Its size is bounded: beyond 128 layers on a side one cell stands for several.
//!
//! Source: SVG 1.1 (second edition); `role`, `aria-labelledby` and `aria-describedby` as in the SVG Accessibility API Mappings.

mod draw;

use std::collections::BTreeMap;
use std::io::{self, Write};

use forebear_types::weights::{LayerOf, WeightComparison};
use forebear_weights::compare::Comparison;

pub(crate) use draw::{Names, picture};

/// Cells along a side, at most.
pub(crate) const CELLS: usize = 128;

/// Where the shades begin: a cell counts from the first of these ([`forebear_weights::compare::layers::LEAST_Z`]).
pub(crate) const STEPS: [f32; 4] = [6.0, 10.0, 20.0, 40.0];

/// What the picture shows: z for all pairs of layers.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerMap {
    /// Numbers of the suspect's layers, one for each row.
    suspect: Vec<u16>,
    /// Numbers of the base's layers, one for each column.
    base: Vec<u16>,
    /// Row after row; NaN where two layers share no feature.
    z: Vec<f32>,
    /// The most similar layer of the base, for each of the suspect's that has any.
    best: Vec<LayerOf>,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shade {
    /// The layers share no feature.
    Unknown,
    /// 0 below the first of [`STEPS`], then one more for each step that z reaches.
    Step(usize),
}

impl Shade {
    fn of(z: f32) -> Self {
        if z.is_nan() {
            return Self::Unknown;
        }
        Self::Step(STEPS.iter().filter(|step| z >= **step).count())
    }
}

impl LayerMap {
    /// The map of a comparison; `None` where no two layers were compared.
    pub fn of(result: &Comparison) -> Option<Self> {
        let matrix = &result.layer_matrix;
        let best = crate::weights::layers(result);
        Self::new(matrix.suspect.clone(), matrix.base.clone(), matrix.z.clone(), best)
    }

    /// The map of a comparison that a check made.
    pub(crate) fn of_check(one: &WeightComparison) -> Option<Self> {
        let suspect = one.layer_map.iter().map(|layer| layer.suspect).collect();
        let columns = one.base_layers.len();
        let mut z = Vec::with_capacity(one.layer_map.len() * columns);
        for row in one.layer_z.iter().take(one.layer_map.len()) {
            z.extend((0..columns).map(|column| row.get(column).copied().unwrap_or(f32::NAN)));
        }
        Self::new(suspect, one.base_layers.clone(), z, one.layer_map.clone())
    }

    fn new(suspect: Vec<u16>, base: Vec<u16>, z: Vec<f32>, best: Vec<LayerOf>) -> Option<Self> {
        let shown = !suspect.is_empty() && !base.is_empty() && !best.is_empty();
        shown.then_some(Self { suspect, base, z, best })
    }

    /// Writes the picture as a file of its own. `suspect` and `base` name the two models.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, suspect: &str, base: &str, out: &mut dyn Write) -> io::Result<()> {
        draw::write(self, suspect, base, out)
    }

    /// The most similar layer of the base, layer by layer.
    pub(crate) fn best(&self) -> &[LayerOf] {
        &self.best
    }

    /// How many layers of the base were compared.
    pub(crate) fn of_base(&self) -> usize {
        self.base.len()
    }

    /// Whether a layer of the base was found again.
    pub(crate) fn shows_something(&self) -> bool {
        self.best.iter().any(|one| one.base.is_some())
    }

    /// The second greatest z of a layer of the suspect: far below the greatest, where one layer of the base stands out.
    pub(crate) fn next_best(&self, one: &LayerOf) -> Option<f32> {
        let row = self.suspect.binary_search(&one.suspect).ok()?;
        let mut all: Vec<f32> =
            (0..self.base.len()).map(|column| self.at(row, column)).filter(|z| !z.is_nan()).collect();
        all.sort_by(|left, right| right.total_cmp(left));
        all.get(1).copied()
    }

    fn at(&self, row: usize, column: usize) -> f32 {
        self.z.get(row * self.base.len() + column).copied().unwrap_or(f32::NAN)
    }

    /// How many layers one cell stands for, down and across.
    fn together(&self) -> (usize, usize) {
        (self.suspect.len().div_ceil(CELLS), self.base.len().div_ceil(CELLS))
    }

    /// The cells, row by row. One that stands for several pairs of layers has the greatest z of them.
    fn cells(&self) -> Vec<Vec<Shade>> {
        let (down, across) = self.together();
        let rows = self.suspect.len().div_ceil(down);
        let columns = self.base.len().div_ceil(across);
        let mut cells = vec![vec![f32::NAN; columns]; rows];
        for row in 0..self.suspect.len() {
            for column in 0..self.base.len() {
                let cell = &mut cells[row / down][column / across];
                // The maximum with no number is the other one.
                *cell = cell.max(self.at(row, column));
            }
        }
        cells.into_iter().map(|row| row.into_iter().map(Shade::of).collect()).collect()
    }

    /// Cells that hold the most similar layer of the base, with what they hold, in order of rows and columns.
    fn outlined(&self) -> Vec<((usize, usize), Vec<LayerOf>)> {
        let (down, across) = self.together();
        let mut found: BTreeMap<(usize, usize), Vec<LayerOf>> = BTreeMap::new();
        for one in &self.best {
            let row = self.suspect.binary_search(&one.suspect);
            let column = one.base.map(|base| self.base.binary_search(&base));
            if let (Ok(row), Some(Ok(column))) = (row, column) {
                found.entry((row / down, column / across)).or_default().push(*one);
            }
        }
        found.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use forebear_weights::compare::layers::LEAST_Z;

    fn map(rows: u16, columns: u16, z: impl Fn(u16, u16) -> f32) -> LayerMap {
        let matrix = forebear_weights::compare::LayerMatrix {
            suspect: (0..rows).collect(),
            base: (0..columns).collect(),
            z: (0..rows)
                .flat_map(|row| (0..columns).map(move |column| (row, column)))
                .map(|(r, c)| z(r, c))
                .collect(),
        };
        let best = matrix
            .best()
            .iter()
            .map(|one| LayerOf { suspect: one.suspect, base: one.base, z: one.z })
            .collect();
        LayerMap::new(matrix.suspect, matrix.base, matrix.z, best).unwrap()
    }

    #[test]
    fn shades_begin_where_cells_count() {
        assert!((f64::from(STEPS[0]) - LEAST_Z).abs() < f64::EPSILON);
        assert!(STEPS.is_sorted());
        let shades =
            [f32::NAN, f32::NEG_INFINITY, -9.0, 5.99, 6.0, 10.0, 39.9, 1e9, f32::INFINITY].map(Shade::of);
        let step = Shade::Step;
        let expected =
            [Shade::Unknown, step(0), step(0), step(0), step(1), step(2), step(3), step(4), step(4)];
        assert_eq!(shades, expected);
    }

    #[test]
    fn many_layers_share_cells_and_the_greatest_z_is_shown() {
        // 300 layers: 3 for each cell. One pair in the whole map counts.
        let map = map(300, 130, |row, column| if (row, column) == (299, 129) { 25.0 } else { f32::NAN });
        let cells = map.cells();
        assert_eq!((cells.len(), cells[0].len()), (100, 65));
        assert_eq!(cells[99][64], Shade::Step(3));
        assert_eq!(cells.iter().flatten().filter(|cell| **cell != Shade::Unknown).count(), 1);
        let outlined = map.outlined();
        assert_eq!((outlined.len(), outlined[0].0), (1, (99, 64)));
        assert_eq!(outlined[0].1, [LayerOf { suspect: 299, base: Some(129), z: 25.0 }]);
    }

    #[test]
    fn a_layer_without_a_match_has_no_outline() {
        let map = map(3, 3, |row, column| if row == column && row != 1 { 30.0 } else { 5.9 });
        let places: Vec<(usize, usize)> = map.outlined().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [(0, 0), (2, 2)]);
        assert!(map.shows_something());
        assert_eq!(map.next_best(&map.best()[0]), Some(5.9));
    }

    #[test]
    fn nothing_compared_is_no_map() {
        assert_eq!(LayerMap::new(Vec::new(), vec![0], Vec::new(), Vec::new()), None);
        assert_eq!(LayerMap::new(vec![0], vec![0], vec![f32::NAN], Vec::new()), None);
    }
}
