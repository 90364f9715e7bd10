//! What a run keeps on disk: weights.safetensors, config.json and history.json in one folder.

use super::{Gan, GanConfig, History};
use crate::models::{build_discriminator, build_generator_with};
use crate::nn::Sequential;
use crate::{Error, Result};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor};

/// config.json: the settings, and what tells whether the weights beside it are whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    /// The settings of the training.
    pub gan: GanConfig,
    /// Images a batch.
    pub batch_size: usize,
    /// Iterations done.
    pub iterations: usize,
    /// MD5 of weights.safetensors, as hexadecimal digits.
    pub weights_md5: String,
}

/// A folder with a trained pair of networks.
#[derive(Clone, Debug)]
pub struct Run {
    folder: PathBuf,
}

const REMAKE: &str = "Train again with another --out, or restore the file.";

impl Run {
    /// Makes the folder when it is missing, and makes sure that it can be written: better before training than after.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't.
    pub fn create(folder: &Path) -> Result<Self> {
        let hint = "Name a folder that you may write to.";
        fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", hint))?;
        let probe = folder.join(".writable");
        fs::write(&probe, []).map_err(Error::io(folder, "write into the folder", hint))?;
        fs::remove_file(&probe).map_err(Error::io(&probe, "remove the file", hint))?;
        Ok(Self { folder: folder.into() })
    }

    /// A folder that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`Error::File`] when there is no run in it.
    pub fn open(folder: &Path) -> Result<Self> {
        let run = Self { folder: folder.into() };
        if run.path("config.json").is_file() {
            return Ok(run);
        }
        let hint = "Name a folder that `gan_nb train --out` made.";
        Err(Error::file(folder, "no config.json", "the folder of a run", hint))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes weights, settings and history; each file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub fn save(&self, gan: &Gan, history: &History, batch_size: usize) -> Result<()> {
        let path = self.path("weights.safetensors");
        let weights = serialize(&[&gan.generator, &gan.discriminator], &path)?;
        let weights_md5 = format!("{:x}", md5::compute(&weights));
        let config = RunConfig { gan: gan.config.clone(), batch_size, iterations: history.len(), weights_md5 };
        self.write("weights.safetensors", &weights)?;
        self.write("history.json", &json(serde_json::to_vec(history), &self.path("history.json"))?)?;
        // For people to read, unlike the history's thousands of numbers.
        self.write("config.json", &json(serde_json::to_vec_pretty(&config), &self.path("config.json"))?)
    }

    /// The settings.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when config.json can't be read or does not hold them.
    pub fn config(&self) -> Result<RunConfig> {
        self.read_json("config.json")
    }

    /// The record of the training.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when history.json can't be read or does not hold one.
    pub fn history(&self) -> Result<History> {
        self.read_json("history.json")
    }

    /// The generator and the discriminator as they were saved.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`] for a damaged file or weights of other networks.
    pub fn models(&self) -> Result<(Sequential, Sequential)> {
        let config = self.config()?;
        let path = self.path("weights.safetensors");
        let bytes = fs::read(&path).map_err(Error::io(&path, "read the weights", REMAKE))?;
        let found = format!("{:x}", md5::compute(&bytes));
        if found != config.weights_md5 {
            let expected = format!("{} as config.json says", config.weights_md5);
            return Err(Error::file(&path, format!("checksum {found}, so the file is damaged"), expected, REMAKE));
        }
        let GanConfig { seed, latent_dim, batch_norm_momentum, .. } = config.gan;
        config.gan.validate()?;
        let generator = build_generator_with(seed, latent_dim, batch_norm_momentum)?;
        let mut models = (generator, build_discriminator(seed)?);
        load(&mut models.0, &bytes, &path)?;
        load(&mut models.1, &bytes, &path)?;
        Ok(models)
    }

    /// Under another name first: a run that is cut off here leaves the old file.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (path, part) = (self.path(name), self.path(&format!("{name}.part")));
        let hint = "See that the disk has room and the folder can be written.";
        fs::write(&part, bytes).map_err(Error::io(&part, "write the file", hint))?;
        fs::rename(&part, &path).map_err(Error::io(&path, "write the file", hint))
    }

    fn read_json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T> {
        let path = self.path(name);
        let bytes = fs::read(&path).map_err(Error::io(&path, "read the file", REMAKE))?;
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::file(&path, error.to_string(), "what `gan_nb train` writes", REMAKE))
    }
}

fn json(bytes: serde_json::Result<Vec<u8>>, path: &Path) -> Result<Vec<u8>> {
    bytes.map_err(|error| Error::file(path, error.to_string(), "a value for JSON", REMAKE))
}

/// The models' weights, in Keras's layout, under names such as `generator/conv2d_1/kernel`.
fn serialize(models: &[&Sequential], path: &Path) -> Result<Vec<u8>> {
    let mut arrays = Vec::new();
    for model in models {
        for (name, weight) in model.weights() {
            let value = weight.value.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?;
            let mut numbers = vec![0f32; value.numel()];
            value.f_copy_data(&mut numbers, value.numel())?;
            let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
            let shape: Vec<usize> = value.size().iter().map(|&size| size as usize).collect();
            arrays.push((format!("{}/{name}", model.name()), shape, bytes));
        }
    }
    let refused = |error| Error::file(path, format!("{error}"), "float32 arrays", REMAKE);
    let views = arrays.iter().map(|(name, shape, bytes)| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.as_str(), view))
    });
    let views: Vec<_> = views.collect::<std::result::Result<_, _>>().map_err(refused)?;
    safetensors::serialize(views, &None).map_err(refused)
}

/// Copies a file's arrays over the model's weights.
fn load(model: &mut Sequential, bytes: &[u8], path: &Path) -> Result<()> {
    let damaged = |error| Error::file(path, format!("{error}"), "a whole safetensors file", REMAKE);
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let mut values = Vec::new();
    for (name, weight) in model.weights() {
        let name = format!("{}/{name}", model.name());
        let wanted = weight.value.size();
        let expected = format!("{name} of shape {wanted:?} in float32");
        let Ok(view) = file.tensor(&name) else {
            return Err(Error::file(path, format!("no {name}"), expected, "These weights belong to another model."));
        };
        let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
        if shape != wanted || view.dtype() != Dtype::F32 {
            let found = format!("{name} of shape {shape:?} in {:?}", view.dtype());
            return Err(Error::file(path, found, expected, "These weights belong to another model."));
        }
        values.push(Tensor::f_from_data_size(view.data(), &shape, Kind::Float)?);
    }
    model.set_weights(&values)
}
