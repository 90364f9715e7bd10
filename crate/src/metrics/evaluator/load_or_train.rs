//! Where an evaluator comes from: the cache folder, or a training.

use super::Evaluator;
use crate::data::{Cifar10, Dataset};
use crate::metrics::News;
use crate::metrics::classifier::{Classifier, Recipe};
use crate::platform::{env::max_steps, home};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

impl Evaluator {
    /// The evaluator of CIFAR-10, whose real images are the 10,000 of the test set: from the cache folder, or trained now, which
    /// takes a few minutes, and kept there. It prints nothing and hands its [`News`] to `news`.
    ///
    /// # Errors
    /// As [`Cifar10::load_with`] and [`load_or_train`](Self::load_or_train).
    pub fn cifar10_with(news: &mut dyn FnMut(News)) -> Result<Self> {
        let train = Cifar10::load_with(&mut |of_data| news(News::Data(of_data)))?;
        let test = Cifar10::load_test_with(&mut |of_data| news(News::Data(of_data)))?;
        Self::load_or_train(&train, &test, &Recipe::default(), news)
    }

    /// An evaluator whose classifier learns from `train` by this recipe, with `real` as the real images: from the user's cache
    /// folder, or trained now and kept there for the next program. A damaged file is replaced.
    ///
    /// If it can't be kept, [`News::NotKept`] says why, and it can be used all the same. A training that GAN_NB_MAX_STEPS cuts
    /// short is never kept.
    ///
    /// # Errors
    /// As [`Classifier::train`] and [`new`](Self::new).
    pub fn load_or_train(train: &Dataset, real: &Dataset, recipe: &Recipe, news: &mut dyn FnMut(News)) -> Result<Self> {
        match home::cache_folder() {
            Some(folder) => Self::load_or_train_in(&folder, train, real, recipe, news),
            None => {
                let evaluator = Self::trained(train, real, recipe, news)?;
                let hint = "The classifier is trained again next time.";
                news(News::NotKept { reason: &Error::value("the user's cache folder", "missing", "a folder", hint) });
                Ok(evaluator)
            }
        }
    }

    /// The same with a folder of your own.
    ///
    /// # Errors
    /// As [`load_or_train`](Self::load_or_train).
    pub fn load_or_train_in(
        folder: impl AsRef<Path>,
        train: &Dataset,
        real: &Dataset,
        recipe: &Recipe,
        news: &mut dyn FnMut(News),
    ) -> Result<Self> {
        let path = folder.as_ref().join(file_name(train, real));
        // Whatever is wrong with the file, what takes its place is the same.
        if let Ok(evaluator) = Self::read(&path, recipe, train, Some(real)) {
            return Ok(evaluator);
        }
        let evaluator = Self::trained(train, real, recipe, news)?;
        let steps = recipe.steps(train.len());
        let kept = match max_steps()?.filter(|cap| *cap < steps) {
            None => evaluator.keep(&path, train, real),
            Some(cap) => {
                let hint = "The classifier has learned too little to be kept, and its figures mean nothing.";
                Err(Error::value("GAN_NB_MAX_STEPS", cap, format!("unset, or at least {steps}"), hint))
            }
        };
        if let Err(reason) = kept {
            news(News::NotKept { reason: &reason });
        }
        Ok(evaluator)
    }

    /// The evaluator that an earlier program kept in the user's cache folder, of a classifier that learned from these pictures by
    /// the default recipe. None where there is none.
    pub fn kept_for(train: &Dataset) -> Option<Self> {
        let start = format!("classifier-{}-", train.md5().get(..8)?);
        let files = std::fs::read_dir(home::cache_folder()?).ok()?.flatten().map(|entry| entry.path());
        let mut own =
            files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)));
        own.find_map(|path| Self::read(&path, &Recipe::default(), train, None).ok())
    }

    fn trained(train: &Dataset, real: &Dataset, recipe: &Recipe, news: &mut dyn FnMut(News)) -> Result<Self> {
        let classifier = Classifier::train(train, recipe, &mut |step, steps| news(News::Training { step, steps }))?;
        Self::new(classifier, real)
    }
}

/// One file for each pair of sets, so that those of several can lie side by side.
fn file_name(train: &Dataset, real: &Dataset) -> PathBuf {
    let [of_train, of_real] = [train, real].map(|data| data.md5().get(..8).unwrap_or_default());
    format!("classifier-{of_train}-{of_real}.safetensors").into()
}
