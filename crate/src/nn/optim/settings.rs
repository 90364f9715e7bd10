//! Adam's settings, and how they are written in a file.

use super::Schedule;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What [`Optimizer::settings`](super::Optimizer::settings) names this optimizer.
const KIND: &str = "Adam";

/// Adam's hyperparameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AdamSettings {
    pub learning_rate: f64,
    pub beta_1: f64,
    pub beta_2: f64,
    pub epsilon: f64,
    pub schedule: Schedule,
}

impl Default for AdamSettings {
    /// Keras's.
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, schedule: Schedule::Constant }
    }
}

/// As they are written, with the kind beside them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kind: String,
    learning_rate: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    #[serde(default)]
    schedule: Schedule,
    #[serde(default)]
    scales_loss: bool,
}

impl AdamSettings {
    /// Checks each setting's range.
    ///
    /// # Errors
    /// [`Error::Value`] for the first that is out of it.
    pub fn validate(&self) -> Result<()> {
        let Self { learning_rate, beta_1, beta_2, epsilon, ref schedule } = *self;
        // As float32 too, in which the corrections are computed: there 1 − β must not be 0.
        let beta = |beta: f64| beta >= 0.0 && (beta as f32) < 1.0;
        let smallest = f64::from(f32::MIN_POSITIVE);
        let ranges = [
            (
                "learning_rate",
                learning_rate,
                (0.0..=1.0).contains(&learning_rate),
                "0 to 1",
                "1e-3 is Keras's default.",
            ),
            (
                "beta_1",
                beta_1,
                beta(beta_1),
                "at least 0, below 1",
                "0.9 is Keras's default, and 0.5 is usual for GANs.",
            ),
            ("beta_2", beta_2, beta(beta_2), "at least 0, below 1", "0.999 is Keras's default."),
            ("epsilon", epsilon, (smallest..=1.0).contains(&epsilon), "1.2e-38 to 1", "1e-7 is Keras's default."),
        ];
        match ranges.into_iter().find(|(_, _, fits, _, _)| !fits) {
            None => schedule.validate(),
            Some((name, value, _, range, hint)) => Err(Error::value(&format!("Adam's {name}"), value, range, hint)),
        }
    }

    /// With the kind and whether the loss is scaled.
    pub fn to_json(&self, scales_loss: bool) -> Value {
        let Self { learning_rate, beta_1, beta_2, epsilon, schedule } = self;
        json!({
            "kind": KIND, "learning_rate": learning_rate, "beta_1": beta_1, "beta_2": beta_2, "epsilon": epsilon,
            "schedule": schedule, "scales_loss": scales_loss,
        })
    }

    /// The settings, and whether the loss is scaled.
    ///
    /// # Errors
    /// [`Error::Value`] for those of another optimizer, incomplete ones, and values out of range.
    pub fn from_json(settings: &Value) -> Result<(Self, bool)> {
        let hint = "They belong to another optimizer: make one of that kind, or take another checkpoint.";
        match settings.get("kind").and_then(Value::as_str) {
            Some(KIND) => {}
            Some(kind) => return Err(Error::value("the optimizer of these settings", kind, KIND, hint)),
            None => return Err(Error::value("the optimizer of these settings", "not named", KIND, hint)),
        }
        let written = Written::deserialize(settings).map_err(|error| {
            let hint = format!("{error}.");
            Error::value("the settings of Adam", settings, "what Adam's settings() gives", hint)
        })?;
        let Written { kind: _, learning_rate, beta_1, beta_2, epsilon, schedule, scales_loss } = written;
        let settings = Self { learning_rate, beta_1, beta_2, epsilon, schedule };
        settings.validate()?;
        Ok((settings, scales_loss))
    }
}
