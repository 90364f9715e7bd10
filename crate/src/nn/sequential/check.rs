//! What a model asks of its input.

use super::Sequential;
use crate::nn::layer::{Context, keras_shape};
use crate::{Error, Result};
use tch::{Kind, Tensor};

impl Sequential {
    /// Whether the model can be run on this.
    ///
    /// # Errors
    /// [`Error::Shape`] for another shape, [`Error::Value`] for another kind of number or another device, and for a condition
    /// that does not fit.
    pub(super) fn check(&self, x: &Tensor, context: Context) -> Result<()> {
        self.check_place(x)?;
        let size = x.size();
        if size.get(1..) != Some(self.input_shape()) || size[0] == 0 {
            let found: Vec<String> = size.iter().map(i64::to_string).collect();
            return Err(Error::Shape {
                layer: self.name().into(),
                found: format!("({})", found.join(", ")),
                expected: keras_shape(self.input_shape()),
                hint: "The first axis is the batch (at least 1), the others must be the model's input shape.".into(),
            });
        }
        context.condition.map_or(Ok(()), |condition| self.check_condition(condition, size[0]))
    }

    /// libtorch's own answer to a wrong kind or device comes from deep inside a layer and names neither the model nor the
    /// way out.
    fn check_place(&self, x: &Tensor) -> Result<()> {
        let name = format!("{}: the input", self.name());
        let kinds = if self.has_weights { "Float" } else { "a kind of float" };
        let expected = format!("{kinds} on {:?}", self.device());
        if !x.defined() {
            return Err(Error::value(&name, "undefined", expected, "Compute it first."));
        }
        let (kind, device) = (x.f_kind()?, x.device());
        let is_float = matches!(kind, Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16);
        let fits = if self.has_weights { kind == Kind::Float } else { is_float };
        if fits && device == self.device() {
            return Ok(());
        }
        let hint = match kind {
            _ if fits => "Move it with to_device(model.device()), or make the model on the input's device.",
            Kind::Uint8 => "These look like bytes of images: normalize them first.",
            _ => "Convert it with to_kind(Kind::Float).",
        };
        Err(Error::value(&name, format!("{kind:?} on {device:?}"), expected, hint))
    }

    fn check_condition(&self, condition: &Tensor, batch: i64) -> Result<()> {
        let name = format!("{}: the condition", self.name());
        let expected = format!("{batch} rows on {:?}, one for each input", self.device());
        let found = if !condition.defined() {
            "undefined".to_string()
        } else if condition.device() != self.device() || condition.size().first() != Some(&batch) {
            format!("of shape {:?} on {:?}", condition.size(), condition.device())
        } else {
            return Ok(());
        };
        Err(Error::value(&name, found, expected, "Give one label or row for each input, on the model's device."))
    }
}
