//! The modern algorithm: one iteration of a GAN that is told the class, with whatever loss and penalty the settings name.

use super::{Batch, GanGame, Loss, MetricList, Metrics, Quantity, Streams};
use crate::Result;
use crate::imaging::random_flips;
use crate::loss::{penalty, wasserstein};
use std::f64::consts::LN_2;
use tch::{Kind, Tensor};

/// The streams of what is done to the images.
const FLIPS: &str = "flips";
const AUGMENT: &str = "augment";
const PENALTY: &str = "penalty";

impl GanGame {
    pub(super) fn is_modern(&self) -> bool {
        !self.config.modern.is_none()
    }

    /// Whether the discriminator's slope is penalized in the next iteration.
    pub(super) fn is_penalized(&self) -> bool {
        let modern = self.config.modern;
        modern.gamma > 0.0 && self.iterations.is_multiple_of(modern.penalty_interval)
    }

    /// What an iteration with settings beyond the tutorial's records. `d_acc` is the share of pairs in which the photo has a higher
    /// score than the fake.
    pub(super) fn modern_metric_list() -> MetricList {
        let list = MetricList::default().loss("d_loss").accuracy("d_acc").loss("g_loss");
        list.reference(Quantity::Loss, LN_2, "ln 2").reference(Quantity::Accuracy, 0.5, "chance")
    }

    /// One iteration: the discriminator learns from photos and fakes in one batch, and the generator from what it then says of the
    /// same fakes. Both are told the classes, and the fakes are to be of the photos' classes.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when the images do not fit the networks.
    pub fn train_on_classes(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        let modern = self.config.modern;
        let classes = (modern.classes > 0).then_some(&batch.labels);
        let mirrored = modern.flips.then(|| random_flips(&batch.images, random.get(FLIPS))).transpose()?;
        let real = mirrored.as_ref().unwrap_or(&batch.images);
        let z = random.noise(&[real.size()[0], self.config.latent_dim], self.generator.device())?;
        let fake = self.generator.forward_with(&z, classes, true)?;

        // The discriminator's half.
        let images = Tensor::f_cat(&[real, &fake.f_detach()?], 0)?;
        let images = modern.augment.apply(&images, random.get(AUGMENT))?;
        let is_penalized = self.is_penalized();
        let images = images.f_set_requires_grad(is_penalized)?;
        let twice = classes.map(|classes| Tensor::f_cat(&[classes, classes], 0)).transpose()?;
        let scores = self.discriminator.logits_with(&images, twice.as_ref(), true)?;
        let [real_scores, fake_scores] = halves(&scores)?;
        let real_label = self.real_label.on(scores.device())?;
        let d_loss = modern.loss.discriminator(&real_scores, &fake_scores, &real_label)?;
        if is_penalized {
            let penalty = self.penalty(&images, &scores, classes, random)?;
            self.d_optimizer.minimize(&(&d_loss + penalty * modern.penalty_interval as f64))?;
        } else {
            self.d_optimizer.minimize(&d_loss)?;
        }

        // The generator's half, through the discriminator as it is now.
        let seen = modern.augment.apply(&fake, random.get(AUGMENT))?;
        let scores = self.discriminator.logits_with(&seen, classes, true)?;
        let g_loss = modern.loss.generator(&real_scores.f_detach()?, &scores)?;
        self.g_optimizer.minimize(&g_loss)?;

        if let Some(average) = &mut self.average {
            average.follow(&self.generator)?;
        }
        self.iterations += 1;
        let d_acc = real_scores.f_gt_tensor(&fake_scores)?.f_to_kind(Kind::Float)?.f_mean(None::<Kind>)?;
        Metrics::of(&[("d_loss", &d_loss), ("d_acc", &d_acc), ("g_loss", &g_loss)])
    }

    /// γ/2 · (R1 + R2), the mean over photos of the squared slope and that over fakes; of the Wasserstein loss its own penalty.
    fn penalty(
        &self,
        images: &Tensor,
        scores: &Tensor,
        classes: Option<&Tensor>,
        random: &mut Streams,
    ) -> Result<Tensor> {
        let gamma = self.config.modern.gamma;
        if self.config.modern.loss == Loss::Wasserstein {
            let [real, fake] = halves(&images.f_detach()?)?;
            let between = wasserstein::interpolate(&real, &fake, random.get(PENALTY))?;
            let scores = self.discriminator.logits_with(&between, classes, true)?;
            return Ok(wasserstein::gradient_penalty(&scores, &between)? * gamma);
        }
        // Of both halves at once: their mean is (R1 + R2) / 2.
        Ok(penalty::squared_gradient(scores, images)? * gamma)
    }

    /// Images of this noise: of one class, or of all classes in turn. The average draws them where there is one.
    ///
    /// # Shapes
    /// `z`: (N, latent) → (N, H, W, C) in [−1, 1]
    ///
    /// # Errors
    /// As [`GanConfig::draw`](super::GanConfig::draw).
    pub fn draw(&self, z: &Tensor, class: Option<i64>) -> Result<Tensor> {
        let Some(average) = &self.average else { return self.config.draw(&self.generator, z, class) };
        // Once for each state of it.
        if self.measured_at.replace(average.steps) != average.steps {
            self.config.measure_statistics(&average.model)?;
        }
        self.config.draw(&average.model, z, class)
    }
}

/// The first half of a batch, and the second.
fn halves(x: &Tensor) -> Result<[Tensor; 2]> {
    let half = x.size()[0] / 2;
    Ok([x.f_narrow(0, 0, half)?, x.f_narrow(0, half, half)?])
}
