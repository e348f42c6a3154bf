//! Measures how fast the tensors of a model are read:
//! `cargo run --release --package forebear-scanner --example weights_speed -- PATH`.
//!
//! Prints seconds, and MiB per second of processor time, for two rows of 256 elements of every matrix (what a fingerprint asks for),
//! for every element, and for a plain read of the same files.
#![allow(clippy::print_stdout, clippy::disallowed_methods, missing_docs, reason = "a program that prints")]

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read;
use std::path::Path;
use std::time::Instant;

use forebear_scanner::weights;
use forebear_types::weights::ModelWeights;

/// Elements of a row.
const ELEMENTS: u64 = 256;

/// Elements that a full pass asks for at once.
const PIECE: usize = 1 << 16;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("name a folder or a file")?;
    let path = Path::new(&path);
    let started = Instant::now();
    let opened = weights::open(path)?;
    println!("{:>8.4} s  opening: {} tensors", started.elapsed().as_secs_f64(), opened.model.tensors().len());
    for problem in &opened.problems {
        println!("           {}: {}", problem.path, problem.what);
    }
    let model = &*opened.model;
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let files: BTreeSet<_> = model.tensors().iter().map(|tensor| tensor.path.clone()).collect();
    let files: Vec<_> =
        files.iter().map(|file| folder.join(forebear_scanner::native::path(file.as_bytes()))).collect();
    let size: u64 = files.iter().filter_map(|file| Some(file.metadata().ok()?.len())).sum();
    measure("sparse, one call a row", size, || rows(model, false))?;
    measure("sparse, one call an element", size, || rows(model, true))?;
    measure("sparse, down two columns", size, || columns(model))?;
    measure("every element", size, || every(model))?;
    measure("stored bytes", size, || {
        let mut sum = 0u64;
        for tensor in 0..model.tensors().len() {
            model.bytes(tensor, &mut |bytes| sum += bytes.len() as u64).map_err(|error| error.what)?;
        }
        Ok(sum as f64)
    })?;
    measure("plain read", size, || {
        let mut piece = vec![0; 1 << 18];
        let mut sum = 0u64;
        for file in &files {
            let mut file = std::fs::File::open(file)?;
            loop {
                let length = file.read(&mut piece)?;
                if length == 0 {
                    break;
                }
                sum += length as u64 + u64::from(piece[length / 2]);
            }
        }
        Ok(sum as f64)
    })?;
    Ok(())
}

/// Two rows of every matrix, at positions spread over the row.
fn rows(model: &dyn ModelWeights, single: bool) -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    let mut row = Vec::new();
    for (number, tensor) in model.tensors().iter().enumerate() {
        let [rows, columns] = *tensor.shape else { continue };
        if rows == 0 || columns == 0 {
            continue;
        }
        let take = ELEMENTS.min(columns);
        for index in [rows / 4, rows * 3 / 4] {
            if single {
                for element in 0..take {
                    let mut value = [0.0];
                    model
                        .read(number, index * columns + element * columns / take, &mut value)
                        .map_err(|error| error.what)?;
                    sum += f64::from(value[0]);
                }
            } else {
                row.resize(columns as usize, 0.0);
                model.read(number, index * columns, &mut row).map_err(|error| error.what)?;
                sum +=
                    (0..take).map(|element| f64::from(row[(element * columns / take) as usize])).sum::<f64>();
            }
        }
    }
    Ok(sum)
}

/// Two columns of every matrix, at positions spread over the column.
fn columns(model: &dyn ModelWeights) -> Result<f64, Box<dyn Error>> {
    let mut sum = 0.0;
    for (number, tensor) in model.tensors().iter().enumerate() {
        let [rows, columns] = *tensor.shape else { continue };
        let take = ELEMENTS.min(rows);
        for column in [columns / 4, columns * 3 / 4] {
            for element in 0..take {
                let mut value = [0.0];
                model
                    .read(number, element * rows / take * columns + column, &mut value)
                    .map_err(|error| error.what)?;
                sum += f64::from(value[0]);
            }
        }
    }
    Ok(sum)
}

fn every(model: &dyn ModelWeights) -> Result<f64, Box<dyn Error>> {
    let mut piece = vec![0.0; PIECE];
    let mut sum = 0.0;
    for (number, tensor) in model.tensors().iter().enumerate() {
        let count = tensor.elements().unwrap_or(0);
        let mut at = 0;
        while at < count {
            let length = (count - at).min(PIECE as u64) as usize;
            model.read(number, at, &mut piece[..length]).map_err(|error| error.what)?;
            sum += f64::from(piece[length / 2]);
            at += length as u64;
        }
    }
    Ok(sum)
}

/// Runs it for half a second at least, and prints means: the system counts processor time in steps that a short run falls between.
fn measure(
    what: &str,
    size: u64,
    mut run: impl FnMut() -> Result<f64, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    std::hint::black_box(run()?);
    let (started, before) = (Instant::now(), processor_seconds());
    let mut runs = 0.0;
    while started.elapsed().as_secs_f64() < 0.5 || runs < 3.0 {
        std::hint::black_box(run()?);
        runs += 1.0;
    }
    let wall = started.elapsed().as_secs_f64() / runs;
    let processor = (processor_seconds() - before) / runs;
    let rate = size as f64 / (1 << 20) as f64 / processor.max(1e-9);
    println!("{wall:>8.4} s, {processor:>8.4} s of the processor, {rate:>9.0} MiB/s  {what}");
    Ok(())
}

/// Processor time of this thread where the system tells it in a file (`schedstat` of Linux), else the wall's.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let spent = text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    spent.map_or_else(wall_seconds, |nanoseconds| nanoseconds / 1e9)
}

fn wall_seconds() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0.0, |since| since.as_secs_f64())
}
