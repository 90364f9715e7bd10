//! An evaluator in a file: its classifier, what that sees in the real images, and of which recipe and pictures it is.

use super::Evaluator;
use crate::data::Dataset;
use crate::metrics::classifier::{Classifier, Recipe};
use crate::platform::array_file::{self, Arrays, Kind};
use crate::platform::atomic_file::{DISK_HINT, write_whole};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;

const KIND: Kind =
    Kind { expected: "a classifier that gan_nb kept", hint: "Remove the file: the classifier is trained again." };

/// Goes up when the same recipe gives another classifier than before, so that one that was kept is trained anew.
const VERSION: u32 = 1;

/// Of what the file is.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Origin {
    version: u32,
    recipe: Recipe,
    /// Checksums of the pictures that it learned from, and of those that it measures with.
    train_md5: String,
    real_md5: String,
    class_names: Vec<String>,
}

impl Origin {
    fn of(recipe: &Recipe, train: &Dataset, real_md5: &str) -> Self {
        Self {
            version: VERSION,
            recipe: recipe.clone(),
            train_md5: train.md5().into(),
            real_md5: real_md5.into(),
            class_names: train.class_names().to_vec(),
        }
    }
}

/// What the file's note holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    origin: Origin,
    accuracy: f64,
}

impl Evaluator {
    /// Writes the file, whole or not at all, and its folder if it is missing.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub(super) fn keep(&self, path: &Path, train: &Dataset, real: &Dataset) -> Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", DISK_HINT))?;
        }
        let header =
            Header { origin: Origin::of(self.classifier.recipe(), train, real.md5()), accuracy: self.accuracy };
        let mut arrays = self.classifier.named_weights();
        arrays.push(("real_features".into(), self.real_features.shallow_clone()));
        arrays.push(("real_radii".into(), self.real_radii.shallow_clone()));
        write_whole(path, &array_file::to_bytes(KIND, path, &arrays, &header)?)
    }

    /// The evaluator of this recipe and these pictures that is in the file. Without `real`, whatever its real images are.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when there is none, it is damaged or it is of others.
    pub(super) fn read(path: &Path, recipe: &Recipe, train: &Dataset, real: Option<&Dataset>) -> Result<Self> {
        let arrays = Arrays::read(KIND, path)?;
        let Header { origin, accuracy } = arrays.note()?;
        let real_md5 = real.map_or(&*origin.real_md5, Dataset::md5);
        if origin != Origin::of(recipe, train, real_md5) {
            return Err(Error::file(path, "another recipe or other pictures", "those that were asked for", KIND.hint));
        }
        let [_, _, channels] = train.image_shape();
        let weight = |name: &str, shape: &[i64]| arrays.get(name, shape);
        let classifier = Classifier::with_weights(recipe, channels, train.class_names(), &weight)?;
        let real_radii = arrays.get("real_radii", &[-1])?;
        let real_features = arrays.get("real_features", &[real_radii.size()[0], -1])?;
        Ok(Self { classifier, real_features, real_radii, accuracy })
    }
}
