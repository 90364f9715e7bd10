//! The files that samples go to, one batch after another, so that not all images have to be in memory.

use super::To;
use anyhow::{Result, bail};
use gan_nb::Error;
use gan_nb::display::ImageGrid;
use gan_nb::imaging::{NpyWriter, save_each};
use gan_nb::tch::Tensor;
use std::fs;
use std::path::{Path, PathBuf};

/// Those that were asked for.
pub struct Files<'a> {
    to: &'a To,
    count: usize,
    turn: usize,
    npy: Option<NpyWriter>,
    /// For the grid, which needs all.
    shown: Vec<Tensor>,
    done: usize,
}

impl<'a> Files<'a> {
    /// For images (N, H, W, C), whose classes come in turns of so many.
    pub fn begin(to: &'a To, shape: [i64; 4], turn: usize) -> Result<Self> {
        if let Some(folder) = &to.folder {
            make_empty(folder)?;
        }
        let npy = to.npy.as_ref().map(|path| NpyWriter::create(path, shape)).transpose()?;
        Ok(Self { to, count: shape[0] as usize, turn, npy, shown: Vec::new(), done: 0 })
    }

    /// Adds a batch of uint8 (B, H, W, C).
    pub fn add(&mut self, images: &Tensor) -> Result<()> {
        if let Some(npy) = &mut self.npy {
            npy.write(images)?;
        }
        if let Some(folder) = &self.to.folder {
            save_each(images, folder, self.done)?;
        }
        if self.to.out.is_some() {
            self.shown.push(images.shallow_clone());
        }
        self.done += images.size()[0] as usize;
        Ok(())
    }

    /// Ends them, and says where they are.
    pub fn finish(self) -> Result<Vec<&'a Path>> {
        if let Some(npy) = self.npy {
            npy.finish()?;
        }
        if let Some(out) = &self.to.out {
            let columns = columns(self.count, self.turn);
            let alt = format!("{} generated images", self.count);
            let all = Tensor::f_cat(&self.shown, 0).map_err(Error::from)?;
            ImageGrid::new(columns).alt(alt).draw(&all)?.save(out)?;
        }
        let places = [&self.to.out, &self.to.npy, &self.to.folder];
        Ok(places.into_iter().flatten().map(PathBuf::as_path).collect())
    }
}

/// How wide a grid of so many images is: about square, with each class in columns of its own where there are rows for that.
fn columns(count: usize, turn: usize) -> usize {
    let side = (count as f64).sqrt();
    match turn {
        2.. if turn <= count => turn * ((side / turn as f64).round() as usize).max(1),
        _ => side.ceil() as usize,
    }
}

/// Makes the folder. Images of another run among these would falsify what is measured of them.
fn make_empty(folder: &Path) -> Result<()> {
    let hint = "Name a folder that you may write to.";
    fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", hint))?;
    if fs::read_dir(folder).map_err(Error::io(folder, "list the folder", hint))?.next().is_some() {
        bail!("{}: found files in it, expected a new or empty folder. Name another --folder.", folder.display());
    }
    Ok(())
}
