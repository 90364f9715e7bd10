//! How a classifier learns.

use super::{Classifier, Recipe};
use crate::data::Dataset;
use crate::imaging::{random_flips, random_shifts};
use crate::nn::{Adam, Schedule};
use crate::platform::device::full_float32;
use crate::platform::env::max_steps;
use crate::platform::stop_button;
use crate::platform::tape::send;
use crate::{Error, Result, random};
use rand::seq::SliceRandom;
use tch::{Reduction, Tensor, no_grad};

impl Classifier {
    /// Trains a classifier on these pictures and their labels: cross-entropy, Adam, and pictures that are shifted and mirrored at
    /// random. `progress` hears of each step, counted from 1, and of how many there are.
    ///
    /// The same pictures and recipe give the same classifier. `GAN_NB_MAX_STEPS` makes the training shorter, and its result
    /// useless.
    ///
    /// # Errors
    /// [`Error::Value`] for a recipe out of range or with larger batches than there are pictures, [`Error::Stopped`] when the
    /// stop button is pressed, [`Error::Diverged`] when the loss is not finite.
    pub fn train(data: &Dataset, recipe: &Recipe, progress: &mut dyn FnMut(usize, usize)) -> Result<Self> {
        full_float32(|| Self::train_in_float32(data, recipe, progress))
    }

    fn train_in_float32(data: &Dataset, recipe: &Recipe, progress: &mut dyn FnMut(usize, usize)) -> Result<Self> {
        recipe.validate()?;
        data.check_batch_size(recipe.batch_size)?;
        let [_, _, channels] = data.image_shape();
        let classifier = Self::new(recipe, channels, data.class_names())?;
        let steps = recipe.steps(data.len());
        let steps = max_steps()?.map_or(steps, |cap| steps.min(cap));

        let rises = steps / 5;
        let schedule = Schedule::linear(0, (steps - rises) as u64);
        let schedule = if rises > 0 { schedule.warm_up(rises as u64) } else { schedule };
        let weights =
            classifier.body.trainable_weights().into_iter().chain(classifier.head.trainable_weights()).collect();
        let mut optimizer = Adam::new(weights).learning_rate(recipe.learning_rate).beta_2(0.99).schedule(schedule);

        let mut order = Vec::new();
        let mut shuffles = random::stream(recipe.seed, "classifier's order");
        let mut changes = random::stream(recipe.seed, "classifier's changes");
        // A step on a slow machine may take longer than the kernel waits.
        let _listener = stop_button::Listener::start(|| {});
        for step in 1..=steps {
            if stop_button::requested() {
                let found = format!("step {step} of {steps}");
                return Err(Error::Stopped {
                    action: "The classifier's training".into(),
                    found,
                    hint: "Nothing of it is kept: run it again.".into(),
                });
            }
            if order.len() < recipe.batch_size {
                order = (0..data.len()).collect();
                order.shuffle(&mut shuffles);
            }
            let indices = order.split_off(order.len() - recipe.batch_size);
            let images = no_grad(|| changed(&data.batch(&indices)?, recipe, &mut changes))?;
            let labels = send(&data.labels(&indices)?, classifier.device())?;
            let logits =
                classifier.head.forward(&classifier.body.forward(&classifier.prepared(&images)?, true)?, true)?;
            let loss = logits.f_cross_entropy_loss(&labels, None::<&Tensor>, Reduction::Mean, -100, 0.0)?;
            optimizer.minimize(&loss)?;
            if step == steps || step % 100 == 0 {
                let loss = loss.f_double_value(&[])?;
                if !loss.is_finite() {
                    return Err(Error::diverged(step - 1, "the classifier's loss", loss, ""));
                }
            }
            progress(step, steps);
        }
        Ok(classifier)
    }
}

/// The pictures shifted a little, and mirrored where the recipe wants it.
fn changed(images: &Tensor, recipe: &Recipe, rng: &mut random::Stream) -> Result<Tensor> {
    let shifted = random_shifts(images, recipe.shifts, rng)?;
    if recipe.flips { random_flips(&shifted, rng) } else { Ok(shifted) }
}

#[cfg(test)]
mod tests {
    use super::{Classifier, Recipe};
    use crate::data::Shapes;
    use crate::platform::ffi::{Tf32, set_tf32, tf32};

    /// Figures of one recipe are to be those of full float32, however the networks are trained that they measure.
    #[test]
    fn it_learns_without_tf32() {
        let _turn = crate::platform::ffi::TF32_IN_TESTS.lock().unwrap();
        let (before, all) = (tf32().unwrap(), Tf32 { products: true, convolutions: true });
        set_tf32(all).unwrap();
        let recipe = Recipe { filters: [2, 2, 2, 2], epochs: 1, batch_size: 10, ..Recipe::default() };
        let mut seen = Vec::new();
        Classifier::train(&Shapes::generate(10, 1).unwrap(), &recipe, &mut |_, _| seen.push(tf32().unwrap())).unwrap();
        assert_eq!(seen, [Tf32 { products: false, convolutions: false }]);
        assert_eq!(tf32().unwrap(), all);
        set_tf32(before).unwrap();
    }
}
